#define _GNU_SOURCE
#include "error_queue.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <string.h>
#include <sys/socket.h>

static void read_offender(const struct sock_extended_err *about, struct network_error *error) {
  const struct sockaddr *offender = SO_EE_OFFENDER(about);
  if (offender->sa_family == AF_INET)
    inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)offender)->sin_addr, error->from, sizeof error->from);
  if (offender->sa_family == AF_INET6)
    inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)offender)->sin6_addr, error->from, sizeof error->from);
}

int error_queue_read(int fd, struct network_error *error) {
  _Alignas(struct cmsghdr) char control[512];
  *error = (struct network_error){0};
  struct iovec data = {.iov_base = error->payload, .iov_len = sizeof error->payload};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (got < 0) return 0;
  error->payload_length = (size_t)got;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    int is_four = each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_RECVERR;
    int is_six = each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_RECVERR;
    if (!is_four && !is_six) continue;
    const struct sock_extended_err *about = (const void *)CMSG_DATA(each);
    error->error = (int)about->ee_errno;
    error->from_icmp = about->ee_origin == SO_EE_ORIGIN_ICMP || about->ee_origin == SO_EE_ORIGIN_ICMP6;
    error->type = about->ee_type, error->code = about->ee_code;
    if (error->from_icmp) read_offender(about, error);
  }
  return 1;
}

#define _GNU_SOURCE
#include "icmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  HEADER = 8,              // of ICMP and of ICMPv6
  IPV6_HEADER = 40,
  BUFFER = 1 << 20,        // of a socket: more than all answers together that can be on their way
  ICMP_FILTER_OPTION = 1,  // ICMP_FILTER of linux/icmp.h, which cannot be included beside netinet/ip_icmp.h
};

// Sets the filter of a raw socket, so that it gets packets of these types only.
static void let_pass(int fd, int family, const unsigned char *types, size_t count) {
  // As struct icmp6_filter of Linux has it, a set bit blocks. ICMP_FILTER has the first 32 types.
  unsigned filter[8];
  memset(filter, 0xff, sizeof filter);
  for (size_t i = 0; i < count; i++) filter[types[i] >> 5] &= ~(1U << (types[i] & 31));
  if (family == AF_INET) setsockopt(fd, SOL_RAW, ICMP_FILTER_OPTION, filter, sizeof *filter);
  else setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, filter, sizeof filter);
}

// Drops echo replies to other processes, so that a socket does not wake for the pings that somebody else runs in the node.
// Errors carry the identifier deeper, where options move it; these are few, and icmp_receive tells them apart. The filter
// sees the IP header of IPv4 but not that of IPv6, as recvmsg does (net/ipv4/raw.c, net/ipv6/raw.c).
static void let_own_replies_pass(int fd, int family) {
  int six = family == AF_INET6;
  unsigned char reply = six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
  struct sock_filter code[] = {
      six ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0)
          : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),  // length of the IP header
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),                             // type
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, reply, 0, 2),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),  // identifier
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned short)getpid(), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int open_socket(int family) {
  int on = 1, buffer = BUFFER;
  int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
  if (fd < 0) return -1;
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
  // Without these options, times are less exact and answers may be lost; so failures are ignored.
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
  return fd;
}

int icmp_open(int family) {
  static const unsigned char four[] = {ICMP_ECHOREPLY, ICMP_DEST_UNREACH, ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB};
  static const unsigned char six[] = {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED,
                                      ICMP6_PARAM_PROB};
  int fd = open_socket(family);
  if (fd < 0) return -1;
  if (family == AF_INET) let_pass(fd, family, four, sizeof four);
  else let_pass(fd, family, six, sizeof six);
  let_own_replies_pass(fd, family);
  return fd;
}

int icmp_open_for_requests(int family) {
  const unsigned char type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
  int fd = open_socket(family);
  if (fd >= 0) let_pass(fd, family, &type, 1);
  return fd;
}

static unsigned short checksum(const void *data, size_t length) {
  unsigned sum = 0;
  for (const unsigned short *at = data; length > 1; length -= 2) sum += *at++;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (unsigned short)~sum;
}

int icmp_dont_fragment(int fd, int family) {
  int probe = family == AF_INET ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE, on = 1;
  if (family == AF_INET) return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof probe);
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof probe)) return -1;
  return setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &on, sizeof on);
}

int icmp_send(int fd, const union address *to, const struct cookie *cookie, size_t size) {
  int six = to->any.sa_family == AF_INET6;
  struct {
    unsigned char type, code;
    unsigned short checksum, id, sequence;
    unsigned char payload[ICMP_DATA_MAX + 1];  // a checksum is of whole words
  } echo;
  size_t length = HEADER + size;
  memset(&echo, 0, length + 1);
  echo.type = six ? ICMP6_ECHO_REQUEST : ICMP_ECHO, echo.id = htons((unsigned short)getpid());
  echo.sequence = htons((unsigned short)cookie->sequence);
  memcpy(echo.payload, cookie, sizeof *cookie);
  if (!six) echo.checksum = checksum(&echo, length + length % 2);  // the kernel computes that of ICMPv6
  return sendto(fd, &echo, length, 0, &to->any, six ? sizeof to->v6 : sizeof to->v4) < 0 ? -1 : 0;
}

const char *icmp_error_text(int six, int type, int code) {
  if (type == (six ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED)) return "Time to live exceeded";
  if (type == (six ? ICMP6_PARAM_PROB : ICMP_PARAMETERPROB)) return "Parameter problem";
  if (six && type == ICMP6_PACKET_TOO_BIG) return "Packet too big";
  if (six) {
    static const char *const texts[] = {"No route", "Administratively prohibited", "Beyond scope of source address",
                                        "Address unreachable", "Port unreachable", "Source address failed policy",
                                        "Reject route"};
    return code < 7 ? texts[code] : "Destination unreachable";
  }
  static const char *const texts[] = {"Destination net unreachable", "Destination host unreachable",
                                      "Destination protocol unreachable", "Destination port unreachable",
                                      "Fragmentation needed", "Source route failed", "Destination net unknown",
                                      "Destination host unknown", "Source host isolated",
                                      "Destination net prohibited", "Destination host prohibited",
                                      "Destination net unreachable for type of service",
                                      "Destination host unreachable for type of service", "Packet filtered",
                                      "Precedence violation", "Precedence cutoff"};
  return code < 16 ? texts[code] : "Destination unreachable";
}

// Reads the control messages that came with a packet: its hop limit (IPv6) and the time it came in.
static void read_control(struct msghdr *message, struct answer *answer) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_HOPLIMIT)
      memcpy(&answer->ttl, CMSG_DATA(each), sizeof answer->ttl);
    if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SO_TIMESTAMPNS)
      memcpy(&time, CMSG_DATA(each), sizeof time);
  }
  answer->received_at_ms = (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// Returns 0 when the payload is too short for a cookie.
static int read_cookie(const unsigned char *payload, size_t length, struct answer *answer) {
  if (length < sizeof answer->cookie) return 0;
  memcpy(&answer->cookie, payload, sizeof answer->cookie);
  return 1;
}

int icmp_receive(int fd, int family, struct answer *answer) {
  int six = family == AF_INET6;
  unsigned char packet[2048];
  _Alignas(struct cmsghdr) char control[128];
  union address sender;
  struct iovec data = {.iov_base = packet, .iov_len = sizeof packet};
  struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &data, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &message, 0);
  if (got < 0) return errno == EAGAIN ? -1 : 0;
  *answer = (struct answer){.ttl = six ? 0 : packet[8]};
  read_control(&message, answer);
  // A raw socket gets IPv4 packets with their IP header, and ICMPv6 packets without.
  size_t length = (size_t)got, header = six ? 0 : (size_t)(packet[0] & 15) * 4;
  if (length < header + HEADER) return 0;
  const unsigned char *icmp = packet + header, *payload = icmp + HEADER;
  length -= header + HEADER;
  answer->is_request = icmp[0] == (six ? ICMP6_ECHO_REQUEST : ICMP_ECHO);
  if (answer->is_request || icmp[0] == (six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
    return read_cookie(payload, length, answer);

  // An error contains the packet that it is about: its IP header, then the ICMP header and payload of the request.
  size_t inner = six ? IPV6_HEADER : length > 0 ? (size_t)(payload[0] & 15) * 4 : 0;
  if (length < inner + HEADER || !read_cookie(payload + inner + HEADER, length - inner - HEADER, answer)) return 0;
  answer->error = icmp_error_text(six, icmp[0], icmp[1]), answer->type = icmp[0], answer->code = icmp[1];
  const void *from = six ? (const void *)&sender.v6.sin6_addr : &sender.v4.sin_addr;
  inet_ntop(family, from, answer->from, sizeof answer->from);
  return 1;
}

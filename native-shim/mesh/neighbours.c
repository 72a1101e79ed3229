#define _GNU_SOURCE
#include "neighbours.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum {
  BATCH = 64,         // requests in one call; all their answers fit into a socket's buffer of the default size
  REQUEST_ROOM = 64,  // a header, struct ndmsg, an IPv6 address and a hardware address: 60 bytes
};

int neighbours_open(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE); }

static void add_attribute(struct nlmsghdr *request, unsigned short type, const unsigned char *value, size_t length) {
  struct rtattr *attribute = (void *)((char *)request + request->nlmsg_len);
  *attribute = (struct rtattr){.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(length)};
  memcpy(RTA_DATA(attribute), value, length);
  request->nlmsg_len += (unsigned)RTA_SPACE(length);
}

// Takes the answer to one request of a batch. Requests are numbered by their place in it.
static void take(const struct nlmsghdr *answer, struct neighbour *batch, int count) {
  if (answer->nlmsg_seq >= (unsigned)count) return;
  struct neighbour *neighbour = &batch[answer->nlmsg_seq];
  if (answer->nlmsg_type == RTM_NEWNEIGH) neighbour->state = ((const struct ndmsg *)NLMSG_DATA(answer))->ndm_state;
  if (answer->nlmsg_type == NLMSG_ERROR)
    neighbour->state = 0, neighbour->error = -((const struct nlmsgerr *)NLMSG_DATA(answer))->error;
}

// The kernel handles requests while they are sent, so all answers are there afterwards.
static void exchange_batch(struct neighbour *batch, int count, unsigned short type, unsigned short flags) {
  _Alignas(struct nlmsghdr) char requests[BATCH * REQUEST_ROOM] = {0}, answers[1 << 14];
  size_t used = 0;
  for (int i = 0; i < count; i++) {
    struct nlmsghdr *request = (void *)(requests + used);
    *request = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(sizeof(struct ndmsg)), .nlmsg_type = type,
                                 .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = (unsigned)i};
    *(struct ndmsg *)NLMSG_DATA(request) = (struct ndmsg){.ndm_family = (unsigned char)batch[i].family,
                                                          .ndm_ifindex = batch[i].interface,
                                                          .ndm_state = type == RTM_NEWNEIGH ? NUD_PROBE : 0};
    add_attribute(request, NDA_DST, batch[i].address, batch[i].family == AF_INET ? 4 : 16);
    if (type == RTM_NEWNEIGH) add_attribute(request, NDA_LLADDR, batch[i].hardware, 6);
    used += request->nlmsg_len;
    batch[i].state = type == RTM_NEWNEIGH ? NUD_PROBE : 0, batch[i].error = 0;
  }
  if (send(batch->socket, requests, used, 0) < 0)
    for (int i = 0; i < count; i++) batch[i].state = 0, batch[i].error = errno;
  for (ssize_t got; (got = recv(batch->socket, answers, sizeof answers, 0)) > 0;)
    for (const struct nlmsghdr *each = (void *)answers; NLMSG_OK(each, (size_t)got); each = NLMSG_NEXT(each, got))
      take(each, batch, count);
}

static void exchange(struct neighbour *list, int count, unsigned short type, unsigned short flags) {
  for (int first = 0, next; first < count; first = next) {
    for (next = first; next < count && next - first < BATCH && list[next].socket == list[first].socket;) next++;
    exchange_batch(list + first, next - first, type, flags);
  }
}

void neighbours_probe(struct neighbour *list, int count) {
  exchange(list, count, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL);
}
void neighbours_look_up(struct neighbour *list, int count) { exchange(list, count, RTM_GETNEIGH, 0); }
void neighbours_remove(struct neighbour *list, int count) { exchange(list, count, RTM_DELNEIGH, 0); }

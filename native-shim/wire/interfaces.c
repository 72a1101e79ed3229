#define _GNU_SOURCE
#include "interfaces.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../report.h"

enum {
  ANSWER_ROOM = 32768,
  // Of a whole dump, and of news that comes while the wire is busy.
  EVENTS_ROOM = 1 << 22,
};

struct request {
  struct nlmsghdr header;
  struct ifinfomsg link;
};

union answer {
  struct nlmsghdr header;
  char bytes[ANSWER_ROOM];
};

static int open_socket(unsigned groups, int flags) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE), room = EVENTS_ROOM;
  if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address))
    fail(STEP_OPEN_SOCKET, "open", "a netlink socket");
  // Refused to an unprivileged user beyond net.core.rmem_max, and then as much as that.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  return fd;
}

void interfaces_open(struct interfaces *interfaces) {
  interfaces->requests = open_socket(0, 0);
  interfaces->events = open_socket(RTMGRP_LINK, SOCK_NONBLOCK);
}

// Sends a request and receives the first datagram of the answer. Returns its length, or -1 with errno.
static ssize_t ask(const struct interfaces *interfaces, struct request *request, union answer *answer) {
  request->header.nlmsg_len = sizeof *request;
  if (send(interfaces->requests, request, sizeof *request, 0) < 0) return -1;
  ssize_t length;
  do length = recv(interfaces->requests, answer, sizeof *answer, 0);
  while (length < 0 && errno == EINTR);
  return length;
}

// The errno of an NLMSG_ERROR message, 0 for an acknowledgement or another message.
static int error_of(const union answer *answer) {
  if (answer->header.nlmsg_type != NLMSG_ERROR) return 0;
  return -((const struct nlmsgerr *)NLMSG_DATA(&answer->header))->error;
}

int interfaces_flags(const struct interfaces *interfaces, int index, unsigned *flags) {
  struct request request = {{.nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST}, {.ifi_index = index}};
  union answer answer;
  if (ask(interfaces, &request, &answer) < 0) return errno;
  if (error_of(&answer)) return error_of(&answer);
  *flags = ((const struct ifinfomsg *)NLMSG_DATA(&answer.header))->ifi_flags;
  return 0;
}

int interfaces_set(const struct interfaces *interfaces, int index, int is_up) {
  struct request request = {
      {.nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      {.ifi_index = index, .ifi_flags = is_up ? IFF_UP : 0, .ifi_change = IFF_UP},
  };
  union answer answer;
  return ask(interfaces, &request, &answer) < 0 ? errno : error_of(&answer);
}

// Collects the indexes of all interfaces but the loopback. Returns how many there are; `*indexes` is to be freed.
static size_t list(const struct interfaces *interfaces, int **indexes) {
  struct request request = {{.nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}, {.ifi_index = 0}};
  union answer answer;
  size_t count = 0, room = 0;
  *indexes = NULL;
  for (ssize_t length = ask(interfaces, &request, &answer); length > 0;
       length = recv(interfaces->requests, &answer, sizeof answer, 0)) {
    unsigned left = (unsigned)length;
    for (const struct nlmsghdr *each = &answer.header; NLMSG_OK(each, left); each = NLMSG_NEXT(each, left)) {
      if (each->nlmsg_type != RTM_NEWLINK) return count;
      const struct ifinfomsg *link = NLMSG_DATA(each);
      if (link->ifi_flags & IFF_LOOPBACK) continue;
      if (count == room) {
        int *more = realloc(*indexes, (room = room ? 2 * room : 256) * sizeof **indexes);
        if (!more) return count;
        *indexes = more;
      }
      (*indexes)[count++] = link->ifi_index;
    }
  }
  return count;
}

void interfaces_set_all_down(const struct interfaces *interfaces) {
  int *indexes;
  size_t count = list(interfaces, &indexes);
  for (size_t i = 0; i < count; i++) interfaces_set(interfaces, indexes[i], 0);
  free(indexes);
}

int interfaces_next(const struct interfaces *interfaces, int *index) {
  for (;;) {
    union answer news;
    // News has one message a datagram.
    ssize_t length = recv(interfaces->events, &news, sizeof news, 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return errno == ENOBUFS ? -1 : 0;
    if (!NLMSG_OK(&news.header, (unsigned)length)) continue;
    if (news.header.nlmsg_type != RTM_NEWLINK && news.header.nlmsg_type != RTM_DELLINK) continue;
    *index = ((const struct ifinfomsg *)NLMSG_DATA(&news.header))->ifi_index;
    return 1;
  }
}

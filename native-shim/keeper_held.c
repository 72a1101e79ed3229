#define _GNU_SOURCE
#include "keeper_held.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper_names.h"

enum {
  FIRST_ROOM = 64,
  // Descriptors of processes are put so far above the floor, so that few numbers of network namespaces are taken by them.
  PIDFD_DISTANCE = 1024,
  DROPPED_MOST = 64,  // names that are removed at once
};

static int grow(struct held *held) {
  size_t room = held->room ? held->room * 2 : FIRST_ROOM;
  struct held_node *nodes = realloc(held->nodes, room * sizeof *nodes);
  if (!nodes) return -1;
  held->nodes = nodes, held->room = room;
  return 0;
}

// Moves a descriptor to the lowest free number from `least` on; closes it in any case. Returns the number, or -1 with errno.
static int move(int fd, int least) {
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, least), error = errno;
  close(fd);
  errno = error == EINVAL ? EMFILE : error;  // EINVAL: `least` itself is beyond the limit
  return moved;
}

static void close_if_open(int fd) {
  if (fd >= 0) close(fd);
}

int held_add(struct held *held, int session, int netns, int pidfd) {
  // Where no number is free so far above, any will do.
  if (pidfd >= 0 && session == HELD_BY_CREATOR) close(pidfd), pidfd = -1;
  else if (pidfd >= 0) {
    int copy = fcntl(pidfd, F_DUPFD_CLOEXEC, held->floor + PIDFD_DISTANCE);
    if (copy >= 0) close(pidfd), pidfd = copy;
    else if ((pidfd = move(pidfd, held->floor)) < 0) return close_if_open(netns), -1;
  }
  if (held->count == held->room && grow(held)) return close_if_open(netns), close_if_open(pidfd), -1;
  int number = netns < 0 ? 0 : move(netns, held->floor);
  if (number < 0) return close_if_open(pidfd), errno = EMFILE, -1;
  if (number > 0) held->floor = number + 1;
  int owner = pidfd < 0 && session == HELD_BY_CREATOR ? HELD_COMMITTED : session;
  held->nodes[held->count++] = (struct held_node){.netns = number > 0 ? number : -1, .pidfd = pidfd, .session = owner};
  return number;
}

// Removes the entries for which nothing is left to be held.
static void tidy(struct held *held) {
  size_t kept = 0;
  for (size_t i = 0; i < held->count; i++)
    if (held->nodes[i].netns >= 0 || held->nodes[i].pidfd >= 0) held->nodes[kept++] = held->nodes[i];
  held->count = kept;
}

void held_commit(struct held *held, int session) {
  for (struct held_node *each = held->nodes; each < held->nodes + held->count; each++) {
    if (each->session != session) continue;
    close_if_open(each->pidfd);
    each->pidfd = -1, each->session = HELD_COMMITTED;
  }
  tidy(held);
}

// Numbers of namespaces that are closed, whose names are removed together.
struct dropped {
  int numbers[DROPPED_MOST], count;
};

static void remove_names(struct dropped *dropped) {
  keeper_names_remove(dropped->numbers, dropped->count);
  dropped->count = 0;
}

// Ends the process, if it is held, and closes the descriptors.
static void let_go(struct held_node *node, struct dropped *dropped) {
  if (node->pidfd >= 0) {
    syscall(SYS_pidfd_send_signal, node->pidfd, SIGKILL, NULL, 0);
    close(node->pidfd);
  }
  if (node->netns >= 0) {
    if (dropped->count == DROPPED_MOST) remove_names(dropped);
    dropped->numbers[dropped->count++] = node->netns;
    close(node->netns);
  }
  node->netns = node->pidfd = -1;
}

void held_end(struct held *held, int session) {
  struct dropped dropped = {.count = 0};
  for (struct held_node *each = held->nodes; each < held->nodes + held->count; each++)
    if (each->session == session) let_go(each, &dropped);
  remove_names(&dropped);
  tidy(held);
}

void held_drop(struct held *held, int session, const int *numbers, int count) {
  struct dropped dropped = {.count = 0};
  for (struct held_node *each = held->nodes; each < held->nodes + held->count; each++) {
    if (each->session != HELD_COMMITTED && each->session != session) continue;
    for (int i = 0; i < count; i++)
      if (each->netns >= 0 && each->netns == numbers[i]) let_go(each, &dropped);
  }
  remove_names(&dropped);
  tidy(held);
}

void held_list(const struct held *held, char *text, size_t room) {
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < held->count && used + 32 < room; i++) {
    int first = held->nodes[i].netns, last = first;
    if (first < 0) continue;
    for (; i + 1 < held->count && held->nodes[i + 1].netns == last + 1; i++) last++;
    const char *gap = used ? " " : "";
    used += (size_t)(first == last ? snprintf(text + used, room - used, "%s%d", gap, first)
                                   : snprintf(text + used, room - used, "%s%d-%d", gap, first, last));
  }
}

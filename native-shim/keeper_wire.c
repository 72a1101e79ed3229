#define _GNU_SOURCE
#include "keeper_wire.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire/main.h"

// With the second death, the wire has failed, and a third process would fail too.
enum { DEATHS_MOST = 2, RETRY_MS = 500 };

static void answer(int client, int number) {
  char text[16];
  snprintf(text, sizeof text, "%d", number);
  // A client that does not read must not stop the keeper.
  if (send(client, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
}

static void start(struct keeper_wire *wire) {
  int pidfd = -1;
  struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) wire_main(wire->lab, wire->fds, wire->deaths, wire->deaths >= DEATHS_MOST);
  wire->is_missing = pid < 0;
  if (pid < 0) return;
  wire->pidfd = pidfd;
  if (wire->deaths < DEATHS_MOST) return;
  // No process will accept connections any more, so they are refused from now on.
  close(wire->fds[WIRE_LISTENER]), wire->fds[WIRE_LISTENER] = -1;
}

void keeper_wire_serve(struct keeper_wire *wire, const int *fds, int count) {
  if (count == KEEPER_WIRE_FDS && wire->fds[WIRE_NETNS] < 0) {
    memcpy(wire->fds, fds + 1, sizeof wire->fds);
    start(wire);
    answer(fds[0], wire->fds[WIRE_NETNS]);
    close(fds[0]);
    return;
  }
  if (count > 0) answer(fds[0], wire->fds[WIRE_NETNS] < 0 ? (count == 1 ? 0 : -1) : wire->fds[WIRE_NETNS]);
  for (int i = 0; i < count; i++) close(fds[i]);
}

int keeper_wire_timeout(const struct keeper_wire *wire) { return wire->is_missing ? RETRY_MS : -1; }

void keeper_wire_check(struct keeper_wire *wire, int has_ended) {
  if (has_ended && wire->pidfd >= 0) {
    close(wire->pidfd), wire->pidfd = -1;
    // The process that takes the ends down is the last one.
    wire->is_missing = wire->deaths++ < DEATHS_MOST;
  }
  if (wire->is_missing) start(wire);
}

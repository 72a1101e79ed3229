#define _GNU_SOURCE
#include "interrupt.h"

#include <stddef.h>

static volatile sig_atomic_t stopped;

static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

sigset_t stop_at_interrupt(void) {
  sigset_t interrupt, waiting;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigprocmask(SIG_BLOCK, &interrupt, &waiting);
  sigdelset(&waiting, SIGINT);
  sigaction(SIGINT, &(struct sigaction){.sa_handler = stop}, NULL);
  return waiting;
}

// epoll_pwait(2) delivers no signal while events are ready, which may be always.
int is_stopped(void) {
  sigset_t pending;
  if (!stopped && !sigpending(&pending) && sigismember(&pending, SIGINT) == 1) stopped = 1;
  return stopped;
}

#define _GNU_SOURCE
#include "punctual.h"

#include <sched.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// sched_setattr(2), SCHED_ATTR_SIZE_VER0: the C library has no declaration before version 2.41.
struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

// In ns: the shortest that the kernel grants.
static const uint64_t SHORTEST_SLICE = 100000;

void punctual_become(void) {
  struct attributes attributes;
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) || attributes.policy != SCHED_OTHER) return;
  attributes.runtime = SHORTEST_SLICE;
  // Refused by the filter of a container: then turns are as long as those of others.
  if (syscall(SYS_sched_setattr, 0, &attributes, 0)) return;
}

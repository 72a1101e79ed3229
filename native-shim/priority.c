#define _GNU_SOURCE
#include "priority.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc.h"
#include "process.h"
#include "report.h"

// linux/ioprio.h, which headers of kernels before 5.15 lack. The class is in the upper bits of a priority.
enum { IO_OF_PROCESS = 1, IO_CLASS_SHIFT = 13, IO_CLASS_REAL_TIME = 1 };

void priority_give_up(const char *whose) {
  int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  int is_above = policy != SCHED_OTHER && policy != SCHED_BATCH && policy != SCHED_IDLE;
  if (is_above && sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}))
    fail(STEP_LOWER_PRIORITY, "lower the scheduling policy of", whose);
  errno = 0;
  if (getpriority(PRIO_PROCESS, 0) < 0 && !errno && setpriority(PRIO_PROCESS, 0, 0))
    fail(STEP_LOWER_PRIORITY, "raise the nice value of", whose);
  long io = syscall(SYS_ioprio_get, IO_OF_PROCESS, 0);
  if (io >> IO_CLASS_SHIFT == IO_CLASS_REAL_TIME && syscall(SYS_ioprio_set, IO_OF_PROCESS, 0, 0))
    fail(STEP_LOWER_PRIORITY, "lower the I/O priority of", whose);
}

void priority_give_up_memory(const char *whose) {
  char score[16];
  const char *file = "/proc/self/oom_score_adj";
  if (proc_read(file, score, sizeof score) || (*score == '-' && proc_write(file, "0")))
    fail(STEP_LOWER_PRIORITY, "raise the oom_score_adj of", whose);
}

#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "front.h"
#include "job.h"
#include "process.h"
#include "report.h"

enum {
  // The signal SIGCHLD follows the end of the child at once. When it does not come in this time, it was lost: somebody
  // had sent another SIGCHLD, and the kernel keeps only one.
  LOST_MS = 1000,
  // linux/pidfd.h, since Linux 6.9
  TO_PROCESS_GROUP = 1 << 2,
};

int child_signals(const int *others, size_t count) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGNAL_END);
  for (size_t i = 0; i < count; i++) sigaddset(&watched, others[i]);
  // A child that stops or goes on sends no SIGCHLD, which could take the place of the one that tells of its end.
  struct sigaction reaped = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT | SA_NOCLDSTOP};
  sigprocmask(SIG_BLOCK, &watched, NULL);
  int fd = signalfd(-1, &watched, SFD_CLOEXEC);
  if (fd < 0 || sigaction(SIGCHLD, &reaped, NULL)) fail(STEP_WATCH_SIGNALS, "watch", "signals");
  return fd;
}

pid_t child_make(struct child *child, unsigned long long flags) {
  child->pidfd = child->job = -1;
  struct clone_args args = {
      .flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&child->pidfd, .exit_signal = SIGCHLD};
  child->pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  return child->pid;
}

static int tells_end(const struct child *child, const struct signalfd_siginfo *info) {
  return info->ssi_signo == SIGCHLD && (pid_t)info->ssi_pid == child->pid &&
         (info->ssi_code == CLD_EXITED || info->ssi_code == CLD_KILLED || info->ssi_code == CLD_DUMPED);
}

int child_next(const struct child *child, int signals, struct signalfd_siginfo *info, int *status) {
  struct pollfd polled[] = {{signals, POLLIN, 0}, {child->pidfd, POLLIN, 0}};
  do *info = (struct signalfd_siginfo){.ssi_signo = 0};
  while (poll(polled, 2, -1) < 0);
  if (!polled[0].revents && poll(polled, 1, LOST_MS) == 0) {
    *status = SIGKILL;
    return 1;
  }
  if (read(signals, info, sizeof *info) != sizeof *info) return 0;
  front_unwrap(info);
  if (!tells_end(child, info)) return 0;
  *status = info->ssi_code == CLD_EXITED ? info->ssi_status << 8 : info->ssi_status;
  return 1;
}

int child_wait(const struct child *child, int signals) {
  struct signalfd_siginfo info;
  int status;
  while (!child_next(child, signals, &info, &status))
    if (info.ssi_signo == SIGNAL_END) child_signal(child, SIGKILL);
  return status;
}

static int send_signal(const struct child *child, int number, unsigned flags) {
  return (int)syscall(SYS_pidfd_send_signal, child->pidfd, number, NULL, flags);
}

void child_signal(const struct child *child, int number) {
  if (child->job >= 0 && number != SIGKILL) job_signal(child->job, number, 0);
  else send_signal(child, number, 0);
}

void child_signal_group(const struct child *child, int number) {
  if (child->job >= 0) {
    job_signal(child->job, number, 1);
    return;
  }
  if (!send_signal(child, number, TO_PROCESS_GROUP)) return;
  if (errno == EINVAL && !send_signal(child, 0, 0) && !kill(-child->pid, number)) return;
  // It does not lead a group yet.
  if (errno == ESRCH) child_signal(child, number);
}

void child_kill_rest(const struct child *child) {
  if (!send_signal(child, SIGKILL, TO_PROCESS_GROUP)) return;
  // Before Linux 6.9. No process is given a PID that is the number of a group: so if there is one, the group is gone.
  if (kill(child->pid, 0) && errno == ESRCH) kill(-child->pid, SIGKILL);
}

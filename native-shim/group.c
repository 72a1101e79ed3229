#define _GNU_SOURCE
#include "group.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front.h"
#include "process.h"
#include "report.h"

static int asks_to_end(const struct signalfd_siginfo *info) {
  int number = (int)info->ssi_signo;
  return number == SIGTERM || number == SIGHUP || number == SIGINT || number == SIGQUIT;
}

static void report_end(int status) {
  if (WIFSIGNALED(status)) report_line("{\"ended\":%d,\"signal\":%d}", 128 + WTERMSIG(status), WTERMSIG(status));
  else report_line("{\"ended\":%d}", WEXITSTATUS(status));
}

// Waits until the caller needs nothing more. Returns whether that is by a signal that was to end the command.
static int wait_for_caller(int signals) {
  struct signalfd_siginfo info;
  for (;;) {
    if (read(signals, &info, sizeof info) != sizeof info) continue;
    front_unwrap(&info);
    if (info.ssi_signo == SIGNAL_END) return 0;
    if (asks_to_end(&info)) return 1;
  }
}

int group_supervise(const struct child *child, int signals, void (*pass_on)(const struct child *,
                                                                            const struct signalfd_siginfo *)) {
  struct signalfd_siginfo info;
  int status, is_asked = 0;
  while (!child_next(child, signals, &info, &status)) {
    if (!info.ssi_signo || info.ssi_signo == SIGCHLD || info.ssi_signo == SIGWINCH) continue;
    int is_end = info.ssi_signo == SIGNAL_END;
    if (!is_end && !asks_to_end(&info)) {
      pass_on(child, &info);
      continue;
    }
    is_asked = 1;
    child_signal_group(child, is_end ? SIGKILL : (int)info.ssi_signo);
  }
  // The caller sees the end of the output once nobody has it open.
  for (int fd = 0; fd < 3; fd++) close(fd);
  report_end(status);
  if (is_asked || wait_for_caller(signals)) child_kill_rest(child);
  return status;
}

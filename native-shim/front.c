#define _GNU_SOURCE
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "report.h"

const int FRONT_SIGNALS[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};
const size_t FRONT_SIGNAL_COUNT = sizeof FRONT_SIGNALS / sizeof *FRONT_SIGNALS;

// The value of a signal that is passed on: the number, and whether the kernel has sent it, as for a key on the terminal.
enum { NUMBER = 0xff, BY_KERNEL = 0x100 };

// A pipe to the process in front, which the child may have no right to signal; -1 where there is none.
static int to_front = -1;

int front_signal(void) { return SIGRTMIN; }

void front_unwrap(struct signalfd_siginfo *info) {
  if ((int)info->ssi_signo != front_signal() || info->ssi_code != SI_QUEUE) return;
  info->ssi_signo = (uint32_t)info->ssi_int & NUMBER;
  info->ssi_code = info->ssi_int & BY_KERNEL ? SI_KERNEL : SI_USER;
}

static void pass_on(pid_t child, const struct signalfd_siginfo *info) {
  union sigval value = {.sival_int = (int)info->ssi_signo | (info->ssi_code > 0 ? BY_KERNEL : 0)};
  sigqueue(child, front_signal(), value);
}

// Stops by SIGTSTP, which does nothing where no shell is there that could continue this process (setpgid(2), "orphaned").
// Returns once it goes on, with SIGCONT pending, which is blocked.
static void stop(int all) {
  sigset_t terminal_stop, pending;
  sigemptyset(&terminal_stop);
  sigaddset(&terminal_stop, SIGTSTP);
  if (all) kill(0, SIGTSTP);
  else raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &terminal_stop, NULL);
  sigprocmask(SIG_BLOCK, &terminal_stop, NULL);
  if (!sigpending(&pending) && !sigismember(&pending, SIGCONT)) raise(SIGCONT);
}

void front_stop(int all) {
  char message = (char)all;
  if (to_front >= 0) write(to_front, &message, 1);
  // No shell could continue the leader of a session.
  else if (all || (getpgrp() == getpid() && getsid(0) != getpid())) stop(all);
}

// Ends by a signal, as the command did. Returns when that signal does not end a process.
static void end_by(int number) {
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);  // there may be one of the command
  reset_signals();
  raise(number);
}

_Noreturn static void pass_signals_on(pid_t child, int signals, int from_child) {
  struct pollfd polled[] = {{signals, POLLIN, 0}, {from_child, POLLIN, 0}};
  struct signalfd_siginfo info;
  char all;
  sigset_t passed;
  sigemptyset(&passed);
  for (int status;;) {
    if (poll(polled, 2, -1) < 0) continue;
    if (polled[1].revents && read(from_child, &all, 1) != 1) polled[1].fd = -1;
    else if (polled[1].revents) stop(all);
    if (!polled[0].revents || read(signals, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo != SIGCHLD) {
      sigaddset(&passed, (int)info.ssi_signo);
      pass_on(child, &info);
    } else if (waitpid(child, &status, WNOHANG) == child) {
      int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      if (code > 128 && code < 128 + NSIG && sigismember(&passed, code - 128) == 1) end_by(code - 128);
      _exit(code);
    }
  }
}

// Node.js has made pipes nonblocking, for this process and for all others that have them open.
static void let_pipes_block(void) {
  for (int fd = 0; fd < 3; fd++) {
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && flags & O_NONBLOCK) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  }
}

void front_start(void) {
  sigset_t watched, passed;
  int stops[2];
  let_pipes_block();
  sigemptyset(&watched), sigemptyset(&passed);
  sigaddset(&watched, SIGCHLD);
  for (size_t i = 0; i < FRONT_SIGNAL_COUNT; i++) sigaddset(&watched, FRONT_SIGNALS[i]);
  reset_signals();
  sigprocmask(SIG_BLOCK, &watched, NULL);
  // What is passed on before the child has a signalfd(2) must wait.
  sigaddset(&passed, front_signal());
  sigprocmask(SIG_BLOCK, &passed, NULL);
  int signals = signalfd(-1, &watched, SFD_CLOEXEC);
  if (signals < 0) fail(STEP_WATCH_SIGNALS, "watch", "signals");
  if (pipe2(stops, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  pid_t child = fork();
  if (child < 0) fail(STEP_FORK, "fork", "exec");
  if (child == 0) {
    close(signals), close(stops[0]);
    to_front = stops[1];
    return;
  }
  close(stops[1]);
  pass_signals_on(child, signals, stops[0]);
}

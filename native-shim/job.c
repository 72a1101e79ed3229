#define _GNU_SOURCE
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "report.h"

// What somebody stopped with SIGSTOP is told after this time, since `nslab pause` may have done that to every process of
// the node, and a process that goes on at the same time as this one is then no longer stopped.
enum { SETTLE_US = 100 * 1000 };

struct order {
  int number;
  int to_group;
};

void job_signal(int channel, int number, int to_group) {
  struct order order = {number, to_group};
  send(channel, &order, sizeof order, MSG_NOSIGNAL);
}

int job_has_stopped(int channel) {
  char stopped;
  ssize_t length = recv(channel, &stopped, sizeof stopped, MSG_DONTWAIT);
  return length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
}

// Exits with the status of the command when it has ended, as sh(1) does.
static void watch(int channel, pid_t command) {
  siginfo_t seen = {.si_pid = 0};
  if (waitid(P_PID, (id_t)command, &seen, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) || !seen.si_pid) return;
  if (seen.si_code == CLD_STOPPED && seen.si_status == SIGSTOP) usleep(SETTLE_US);
  seen.si_pid = 0;
  if (waitid(P_PID, (id_t)command, &seen, WEXITED | WSTOPPED | WNOHANG) || !seen.si_pid) return;
  if (seen.si_code == CLD_STOPPED) send(channel, "", 1, MSG_NOSIGNAL);
  else _exit(seen.si_code == CLD_EXITED ? seen.si_status : 128 + seen.si_status);
}

_Noreturn static void lead(int channel, pid_t command, int signals) {
  struct pollfd polled[] = {{signals, POLLIN, 0}, {channel, POLLIN, 0}};
  for (;;) {
    struct signalfd_siginfo info;
    struct order order;
    if (poll(polled, 2, -1) < 0) continue;
    if (polled[0].revents && read(signals, &info, sizeof info) > 0) watch(channel, command);
    if (!polled[1].revents) continue;
    if (recv(channel, &order, sizeof order, 0) != sizeof order) polled[1].fd = -1;  // the command is about to be killed
    else if (kill(order.to_group ? -command : command, order.number) && order.to_group) kill(command, order.number);
  }
}

void job_lead(int channel, int terminal) {
  sigset_t all, ended;
  sigfillset(&all), sigemptyset(&ended), sigaddset(&ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &all, NULL);
  signal(SIGCHLD, SIG_DFL);
  int signals = signalfd(-1, &ended, SFD_CLOEXEC);
  if (signals < 0) fail(STEP_WATCH_SIGNALS, "watch", "signals");
  pid_t leader = getpid(), command = fork();
  if (command < 0) fail(STEP_FORK, "fork", "the command");
  if (command == 0) {
    die_with_parent(leader);
    if (setpgid(0, 0) || tcsetpgrp(terminal, getpid())) fail(STEP_OPEN_TERMINAL, "take", "the terminal");
    return;
  }
  set_title("nslab: session");
  for (int fd = 0; fd < 3; fd++) close(fd);
  close(terminal);
  lead(channel, command, signals);
}

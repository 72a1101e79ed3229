#define _GNU_SOURCE
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "front.h"
#include "job.h"
#include "process.h"
#include "report.h"
#include "terminal.h"

// A shell need not tell nslab that it is in the foreground again, so it looks.
enum { BACKGROUND_MS = 100 };

static void copy_size(const struct pty *pty) {
  struct winsize size;
  if (!ioctl(pty->terminal, TIOCGWINSZ, &size)) ioctl(pty->master, TIOCSWINSZ, &size);
}

// The caller's terminal translates line ends of the command's output itself while it is not raw.
static void leave_output_as_it_is(int slave) {
  struct termios settings;
  if (tcgetattr(slave, &settings)) fail(STEP_OPEN_TERMINAL, "read the settings of", "/dev/pts");
  cfmakeraw(&settings);
  if (tcsetattr(slave, TCSANOW, &settings)) fail(STEP_OPEN_TERMINAL, "set", "/dev/pts");
}

void pty_open(struct pty *pty) {
  char name[32];
  unsigned number;
  int unlock = 0;
  *pty = (struct pty){.master = -1, .terminal = STDIN_FILENO, .takes_keys = isatty(STDIN_FILENO)};
  if (!pty->takes_keys) pty->terminal = isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;
  if (!isatty(pty->terminal)) return;
  pty->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (pty->master < 0) fail(STEP_OPEN_TERMINAL, "open", "/dev/ptmx");
  if (ioctl(pty->master, TIOCSPTLCK, &unlock) || ioctl(pty->master, TIOCGPTN, &number))
    fail(STEP_OPEN_TERMINAL, "unlock", "/dev/ptmx");
  snprintf(name, sizeof name, "/dev/pts/%u", number);
  pty->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (pty->slave < 0) fail(STEP_OPEN_TERMINAL, "open", name);
  if (!pty->takes_keys) leave_output_as_it_is(pty->slave);
  copy_size(pty);
}

void pty_attach(const struct pty *pty) {
  if (pty->master < 0) return;
  if (pty->takes_keys && ioctl(pty->slave, TIOCSCTTY, 0))
    fail(STEP_OPEN_TERMINAL, "take as controlling terminal", "/dev/pts");
  for (int fd = 0; fd < 3; fd++)
    if (isatty(fd) && dup2(pty->slave, fd) < 0) fail(STEP_OPEN_TERMINAL, "replace", "the caller's terminal");
}

static void write_all(int fd, const char *data, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, data, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      struct pollfd writable = {fd, POLLOUT, 0};
      poll(&writable, 1, -1);
      continue;
    }
    if (written <= 0) return;
    data += written, length -= (size_t)written;
  }
}

// Keys that the user has typed and the command has not read yet. While it does not read them, its output must go on
// flowing, or both sides would wait for each other. So keys wait in this buffer, and the master is never written to
// with blocking.
struct keys {
  char data[16384];
  size_t used;
};

// Reads keys from the caller's terminal. Returns 0 when no more will come.
static int read_keys(struct keys *keys) {
  ssize_t length = read(STDIN_FILENO, keys->data + keys->used, sizeof keys->data - keys->used);
  if (length < 0) return errno == EINTR || errno == EAGAIN;
  keys->used += (size_t)length;
  return length > 0;
}

static void write_keys(struct keys *keys, int master) {
  ssize_t written = write(master, keys->data, keys->used);
  if (written <= 0) return;
  keys->used -= (size_t)written;
  memmove(keys->data, keys->data + written, keys->used);
}

// Copies output of the command, as much as one read(2) returns. Returns 0 when no more will come.
static int copy_output(int master, int output) {
  char data[16384];
  ssize_t length = read(master, data, sizeof data);
  if (length < 0) return errno == EINTR || errno == EAGAIN;
  write_all(output, data, (size_t)length);
  return length > 0;
}

// A descriptor of the caller's terminal, to which the output of the command's terminal goes.
static int output_of(void) {
  return isatty(STDOUT_FILENO) ? STDOUT_FILENO : isatty(STDERR_FILENO) ? STDERR_FILENO : STDIN_FILENO;
}

// Passes a signal on to the command, and does what it means for the caller's terminal.
static void take_signal(const struct pty *pty, const struct child *child, const struct signalfd_siginfo *info,
                        struct terminal *terminal, signal_handler *handle) {
  if (info->ssi_signo == SIGWINCH || info->ssi_signo == SIGCONT) copy_size(pty);
  if (info->ssi_signo && info->ssi_signo != SIGWINCH && info->ssi_signo != SIGCHLD) handle(child, info);
  if (info->ssi_signo != SIGCONT || !pty->takes_keys) return;
  terminal->is_raw = 0;  // this process was stopped, and another may have changed the terminal meanwhile
  terminal_take(terminal);
}

int pty_relay(const struct pty *pty, struct child *child, int signals, signal_handler *handle) {
  struct terminal terminal = {.is_raw = 0};
  struct keys keys = {.used = 0};
  close(pty->slave);
  fcntl(pty->master, F_SETFL, O_NONBLOCK);
  if (pty->takes_keys) terminal_take(&terminal);
  int output = output_of(), status = 0, ended = 0, more_keys = pty->takes_keys, stopped = 0, master = pty->master;
  for (;;) {
    int takes_keys = more_keys && terminal.is_raw && keys.used < sizeof keys.data;
    struct pollfd polled[] = {
        {takes_keys ? STDIN_FILENO : -1, POLLIN, 0},
        {master, (short)(POLLIN | (keys.used > 0 ? POLLOUT : 0)), 0},
        {signals, POLLIN, 0},
        {ended ? -1 : child->pidfd, POLLIN, 0},
        {ended ? -1 : child->job, POLLIN, 0},
    };
    // Once the command has ended, only output that is already there is read: other processes may keep its terminal
    // open.
    int had_ended = ended, waits = more_keys && !terminal.is_raw && !stopped;
    if (poll(polled, 5, ended ? 0 : waits ? BACKGROUND_MS : -1) < 0) continue;
    if (waits) terminal_take(&terminal);
    if (polled[4].revents && !job_has_stopped(child->job)) child->job = -1;
    else if (polled[4].revents) {
      stopped = 1;
      terminal_give_back(&terminal);
      front_stop(1);
    }
    if (!ended && (polled[2].revents || polled[3].revents)) {
      struct signalfd_siginfo info;
      ended = child_next(child, signals, &info, &status);
      if (!ended) take_signal(pty, child, &info, &terminal, handle);
      if (!ended && info.ssi_signo == SIGCONT) stopped = 0;
    }
    if (polled[1].revents & POLLOUT) write_keys(&keys, master);
    // A command may close its terminal and go on running.
    if (polled[1].revents & ~POLLOUT && !copy_output(master, output)) master = -1, keys.used = 0;
    if (had_ended && (master < 0 || !(polled[1].revents & ~POLLOUT))) break;
    if (polled[0].revents) more_keys = read_keys(&keys);
  }
  if (pty->takes_keys) terminal_give_back(&terminal);
  return status;
}

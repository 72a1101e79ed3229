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

#include "process.h"
#include "report.h"

static void copy_size(const struct pty *pty) {
  struct winsize size;
  if (!ioctl(STDIN_FILENO, TIOCGWINSZ, &size)) ioctl(pty->master, TIOCSWINSZ, &size);
}

void pty_open(struct pty *pty) {
  char name[32];
  unsigned number;
  int unlock = 0;
  pty->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (pty->master < 0) fail(STEP_OPEN_TERMINAL, "open", "/dev/ptmx");
  if (ioctl(pty->master, TIOCSPTLCK, &unlock) || ioctl(pty->master, TIOCGPTN, &number))
    fail(STEP_OPEN_TERMINAL, "unlock", "/dev/ptmx");
  snprintf(name, sizeof name, "/dev/pts/%u", number);
  pty->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (pty->slave < 0) fail(STEP_OPEN_TERMINAL, "open", name);
  copy_size(pty);
}

void pty_attach(const struct pty *pty) {
  if (pty->master < 0) return;
  if (ioctl(pty->slave, TIOCSCTTY, 0)) fail(STEP_OPEN_TERMINAL, "take as controlling terminal", "/dev/pts");
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

static void handle_signal(const struct pty *pty, const struct child *child, int number, const struct termios *raw) {
  if (number == 0 || number == SIGCHLD) return;
  if (number == SIGWINCH) copy_size(pty);
  else child_signal(child, number == SIGNAL_END ? SIGKILL : number);
  if (number != SIGCONT) return;
  // This process was stopped, and another may have changed the terminal meanwhile.
  tcsetattr(STDIN_FILENO, TCSADRAIN, raw);
  copy_size(pty);
}

int pty_relay(const struct pty *pty, const struct child *child, int signals) {
  struct termios before, raw;
  struct keys keys = {.used = 0};
  close(pty->slave);
  fcntl(pty->master, F_SETFL, O_NONBLOCK);
  if (tcgetattr(STDIN_FILENO, &before)) fail(STEP_OPEN_TERMINAL, "read the settings of", "the terminal");
  raw = before;
  cfmakeraw(&raw);
  // When the command is part of a pipeline, other programs write to the terminal, too, and need its translation of line
  // ends.
  if (!isatty(STDOUT_FILENO) || !isatty(STDERR_FILENO)) raw.c_oflag |= before.c_oflag & (OPOST | ONLCR);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  int output = output_of(), status = 0, ended = 0, more_keys = 1, master = pty->master;
  for (;;) {
    struct pollfd polled[] = {
        {more_keys && keys.used < sizeof keys.data ? STDIN_FILENO : -1, POLLIN, 0},
        {master, (short)(POLLIN | (keys.used > 0 ? POLLOUT : 0)), 0},
        {signals, POLLIN, 0},
        {ended ? -1 : child->pidfd, POLLIN, 0},
    };
    // Once the command has ended, only output that is already there is read: other processes may keep its terminal
    // open.
    int had_ended = ended;
    if (poll(polled, 4, ended ? 0 : -1) < 0) continue;
    if (!ended && (polled[2].revents || polled[3].revents)) {
      struct signalfd_siginfo info;
      ended = child_next(child, signals, &info, &status);
      if (!ended) handle_signal(pty, child, (int)info.ssi_signo, &raw);
    }
    if (polled[1].revents & POLLOUT) write_keys(&keys, master);
    // A command may close its terminal and go on running.
    if (polled[1].revents & ~POLLOUT && !copy_output(master, output)) master = -1, keys.used = 0;
    if (had_ended && (master < 0 || !(polled[1].revents & ~POLLOUT))) break;
    if (polled[0].revents) more_keys = read_keys(&keys);
  }
  // A process in the background is stopped when it sets the terminal (SIGTTOU). This is one when the caller was killed
  // and a shell has taken the terminal back.
  pid_t owner = tcgetpgrp(STDIN_FILENO);
  if (owner < 0 || owner == getpgrp()) tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  return status;
}

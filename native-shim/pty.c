#define _GNU_SOURCE
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

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
  if (pty->master < 0) fail("open", "/dev/ptmx");
  if (ioctl(pty->master, TIOCSPTLCK, &unlock) || ioctl(pty->master, TIOCGPTN, &number)) fail("unlock", "/dev/ptmx");
  snprintf(name, sizeof name, "/dev/pts/%u", number);
  pty->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (pty->slave < 0) fail("open", name);
  copy_size(pty);
}

void pty_attach(const struct pty *pty) {
  if (pty->master < 0) return;
  setsid();
  ioctl(pty->slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++)
    if (isatty(fd)) dup2(pty->slave, fd);
}

static void write_all(int fd, const char *data, ssize_t length) {
  while (length > 0) {
    ssize_t written = write(fd, data, (size_t)length);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written <= 0) return;
    data += written, length -= written;
  }
}

// Copies once what there is; 0 when nothing more will come.
static int copy(int from, int to) {
  char data[16384];
  ssize_t length = read(from, data, sizeof data);
  if (length < 0 && (errno == EINTR || errno == EAGAIN)) return 1;
  if (length <= 0) return 0;
  write_all(to, data, length);
  return 1;
}

// Where the command's output goes: to the caller's terminal.
static int output_of(void) { return isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDIN_FILENO; }

int pty_relay(const struct pty *pty, pid_t child, int signals) {
  struct termios before, raw;
  close(pty->slave);
  int is_terminal = !tcgetattr(STDIN_FILENO, &before);
  raw = before;
  cfmakeraw(&raw);
  if (is_terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  int output = output_of(), status = 0, ended = 0, open_end = 1;
  struct pollfd polled[] = {{STDIN_FILENO, POLLIN, 0}, {pty->master, POLLIN, 0}, {signals, POLLIN, 0}};
  while (open_end) {
    // Once the command has ended, only what it had already written is awaited: others may keep its terminal open.
    int ready = poll(polled, 3, ended ? 0 : -1);
    if (ready == 0 && ended) break;
    if (polled[2].revents) {
      struct signalfd_siginfo info;
      if (read(signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGWINCH) copy_size(pty);
        else if (info.ssi_signo == SIGCHLD) ended |= waitpid(child, &status, WNOHANG) == child;
        else kill(child, (int)info.ssi_signo);
      }
    }
    if (polled[1].revents) open_end = copy(pty->master, output);
    if (polled[0].revents && !copy(STDIN_FILENO, pty->master)) polled[0].fd = -1;
  }
  if (is_terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  if (!ended) {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  }
  return status;
}

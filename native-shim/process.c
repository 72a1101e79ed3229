#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "scope.h"

// Reads the beginning of a file, as much as fits, as a string. Returns 0, or -1 with errno.
static int read_file(const char *path, char *text, size_t room) {
  SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, room - 1);
  text[length > 0 ? length : 0] = 0;
  return length < 0 ? -1 : 0;
}

// Clock ticks by which this process's time namespace shifts the start times that it reads (time_namespaces(7)).
static unsigned long long boottime_offset(void) {
  char text[256];
  long long seconds = 0, nanoseconds = 0;
  if (read_file("/proc/self/timens_offsets", text, sizeof text)) return 0;  // a kernel without time namespaces
  const char *line = strstr(text, "boottime");
  if (line) sscanf(line, "boottime %lld %lld", &seconds, &nanoseconds);
  long ticks = sysconf(_SC_CLK_TCK);
  return (unsigned long long)(seconds * ticks + nanoseconds * ticks / 1000000000);
}

unsigned long long start_time(pid_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (read_file(path, text, sizeof text)) return 0;
  // The second field, the command in parentheses, may itself hold blanks and parentheses.
  const char *at = strrchr(text, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  return at ? strtoull(at, NULL, 10) - boottime_offset() : 0;
}

pid_t clone_process(unsigned long long flags, int cgroup) {
  struct clone_args args = {.flags = flags};
  // A sibling (CLONE_PARENT) has the exit signal of the caller; the kernel allows no other.
  if (!(flags & CLONE_PARENT)) args.exit_signal = SIGCHLD;
  if (cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (unsigned)cgroup;
  return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

int open_pidfd(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

pid_t outer_pid(pid_t child) {
  char path[64], text[512];
  SCOPED_FD pidfd = open_pidfd(child);
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  if (pidfd < 0 || read_file(path, text, sizeof text)) return -1;
  const char *line = strstr(text, "\nPid:");
  int pid = line ? atoi(line + strlen("\nPid:")) : 0;
  return pid > 0 ? pid : (errno = ESRCH, -1);
}

// Asks the kernel to send this process a signal when its parent ends.
static void ask_for_death_signal(pid_t parent, int signal) {
  if (prctl(PR_SET_PDEATHSIG, signal)) fail(STEP_SET_DEATH_SIGNAL, "ask for a death signal", "prctl");
  // The parent may have ended before this; then no signal comes.
  if (getppid() != parent) _exit(STATUS_FAILED);
}

void die_with_parent(pid_t parent) { ask_for_death_signal(parent, SIGKILL); }

void follow_parent(int pipe) {
  struct pollfd ended = {.fd = pipe};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) fail(STEP_SET_DEATH_SIGNAL, "ask for a death signal", "prctl");
  if (poll(&ended, 1, 0) != 0) _exit(STATUS_FAILED);
}

static sigset_t awaited_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGNAL_END);
  sigaddset(&signals, SIGCHLD);
  return signals;
}

void end_with_parent(pid_t parent) {
  sigset_t signals = awaited_signals();
  signal(SIGCHLD, SIG_DFL);  // while it is ignored, the kernel sends none
  signal(SIGPIPE, SIG_IGN);  // a report to a caller that has ended must not end the verb before its child
  sigprocmask(SIG_BLOCK, &signals, NULL);
  ask_for_death_signal(parent, SIGNAL_END);
}

int wait_until_end(pid_t child) {
  sigset_t signals = awaited_signals();
  for (int status;;) {
    int number = sigwaitinfo(&signals, NULL);
    if (number == SIGNAL_END) kill(child, SIGKILL);
    if (number == SIGCHLD && waitpid(child, &status, WNOHANG) == child) return status;
  }
}

static char *title_start, *title_arguments_end;
static size_t title_room;

void title_area(char **argv, char **environment) {
  char *end = argv[0] + strlen(argv[0]) + 1;
  for (char **each = argv; *each; each++)
    if (*each == end) end += strlen(*each) + 1;
  title_arguments_end = end;
  for (char **each = environment; *each; each++)
    if (*each == end) end += strlen(*each) + 1;
  title_start = argv[0], title_room = (size_t)(end - title_start);
}

void set_title(const char *title) {
  memset(title_start, 0, title_room);
  // When the last byte of the arguments is not NUL, the kernel shows the text up to the first NUL, which may reach into
  // the environment; else it shows exactly the bytes of the arguments (fs/proc/base.c, get_mm_cmdline).
  title_arguments_end[-1] = '.';
  snprintf(title_start, title_room - 1, "%s", title);
  prctl(PR_SET_NAME, title);
}

static int ascending(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

void close_others(int *fds, int count) {
  unsigned from = 3;
  if (count > 0) qsort(fds, (size_t)count, sizeof *fds, ascending);
  for (int i = 0; i < count; i++) {
    if (fds[i] < 3) continue;
    if ((unsigned)fds[i] > from) syscall(SYS_close_range, from, (unsigned)fds[i] - 1, 0);
    from = (unsigned)fds[i] + 1;
    fcntl(fds[i], F_SETFD, FD_CLOEXEC);
  }
  syscall(SYS_close_range, from, ~0U, 0);
}

void keep_only(int *fds, int count) {
  close_others(fds, count);
  int null = open("/dev/null", O_RDWR);
  // Without /dev/null they are closed, since a program that reads the other end of a pipe would wait as long as it is
  // open.
  for (int fd = 0; fd < 3; fd++) null >= 0 ? dup2(null, fd) : close(fd);
  if (null > 2) close(null);
}

int write_file(const char *path, const char *text) {
  SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC);
  return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

void write_lines(pid_t pid, const char *file, const char *const *lines, int count) {
  char path[64], text[4096];
  size_t used = 0;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
  for (int i = 0; i < count; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", lines[i]);
    if (used >= sizeof text) fail_with(STEP_WRITE_ID_MAP, E2BIG, "write", path);
  }
  if (write_file(path, text)) fail(STEP_WRITE_ID_MAP, "write", path);
}

void become_root(const char *what) {
  // EPERM: setgroups(2) is denied in the namespace, or the process has no right to call it.
  if (setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", what);
  if (setresgid(0, 0, 0)) fail(STEP_BECOME_ROOT, "become group", "0");
  if (setresuid(0, 0, 0)) fail(STEP_BECOME_ROOT, "become user", "0");
}

void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

#define _GNU_SOURCE
#include "process.h"

#include <dirent.h>
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
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "scope.h"

pid_t clone_process(unsigned long long flags, int cgroup) {
  struct clone_args args = {.flags = flags};
  // A sibling (CLONE_PARENT) has the exit signal of the caller; the kernel allows no other.
  if (!(flags & CLONE_PARENT)) args.exit_signal = SIGCHLD;
  if (cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (unsigned)cgroup;
  return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

int open_pidfd(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

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
  int has_ended = poll(&ended, 1, 0);
  if (has_ended < 0) fail(STEP_SET_DEATH_SIGNAL, "ask for the end of", "parent");
  if (has_ended) _exit(STATUS_FAILED);
}

void end_with_parent(pid_t parent) {
  signal(SIGPIPE, SIG_IGN);  // a report to a caller that has ended must not end the verb before its child
  ask_for_death_signal(parent, SIGNAL_END);
}

void give_up(pid_t child, const char *what) {
  int status;
  if (waitpid(child, &status, 0) < 0) fail(STEP_WAIT_FOR_CHILD, "wait for", what);
  if (WIFSIGNALED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "go on, since a signal killed a process of", what);
  _exit(STATUS_FAILED);
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

// Closes the descriptors from `first` to `last` that /proc/self/fd lists.
static void close_listed(unsigned first, unsigned last) {
  DIR *open_ones = opendir("/proc/self/fd");
  if (!open_ones) fail(STEP_CLOSE_DESCRIPTORS, "list", "/proc/self/fd");
  for (struct dirent *each; (each = readdir(open_ones));) {
    unsigned fd = (unsigned)strtoul(each->d_name, NULL, 10);
    if (fd >= first && fd <= last && fd != (unsigned)dirfd(open_ones)) close((int)fd);
  }
  closedir(open_ones);
}

// Closes the descriptors from `first` to `last`. A kernel before 5.9 has no close_range(2), and a container may forbid
// it.
static void close_between(unsigned first, unsigned last) {
  if (!syscall(SYS_close_range, first, last, 0)) return;
  if (errno != ENOSYS && errno != EPERM) fail(STEP_CLOSE_DESCRIPTORS, "close", "descriptors");
  close_listed(first, last);
}

static int ascending(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

void close_others(int *fds, int count) {
  unsigned from = 3;
  if (count > 0) qsort(fds, (size_t)count, sizeof *fds, ascending);
  for (int i = 0; i < count; i++) {
    if (fds[i] < 3) continue;
    if ((unsigned)fds[i] > from) close_between(from, (unsigned)fds[i] - 1);
    from = (unsigned)fds[i] + 1;
    fcntl(fds[i], F_SETFD, FD_CLOEXEC);
  }
  close_between(from, ~0U);
}

void keep_only(int *fds, int count) {
  close_others(fds, count);
  int null = open("/dev/null", O_RDWR);
  // Without /dev/null they are closed, since a program that reads the other end of a pipe would wait as long as it is
  // open.
  for (int fd = 0; fd < 3; fd++) null >= 0 ? dup2(null, fd) : close(fd);
  if (null > 2) close(null);
}

void become_root(const char *what) {
  // EPERM: setgroups(2) is denied in the namespace, or the process has no right to call it.
  if (setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", what);
  if (setresgid(0, 0, 0)) fail(STEP_BECOME_ROOT, "become group", "0");
  if (setresuid(0, 0, 0)) fail(STEP_BECOME_ROOT, "become user", "0");
}

void raise_file_limit(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files)) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

void hide_memory(void) {
  if (prctl(PR_SET_DUMPABLE, 0)) fail(STEP_BECOME_ROOT, "hide the memory of", "the process");
}

void show_memory(void) {
  if (prctl(PR_SET_DUMPABLE, 1)) fail(STEP_BECOME_ROOT, "show the memory of", "the process");
}

void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

#define _GNU_SOURCE
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "report.h"
#include "scope.h"

static int proc = -1;

void proc_init(void) {
  proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) fail(STEP_FIND_PROCESS, "open", "/proc");
}

static const char *below_proc(const char *path) { return path + strlen("/proc/"); }

int proc_open(const char *path, int flags) { return openat(proc, below_proc(path), flags | O_CLOEXEC); }

int proc_stat(const char *path, struct stat *now) { return fstatat(proc, below_proc(path), now, 0); }

int proc_read(const char *path, char *text, size_t room) {
  SCOPED_FD fd = proc_open(path, O_RDONLY);
  ssize_t length = fd < 0 ? -1 : read(fd, text, room - 1);
  text[length > 0 ? length : 0] = 0;
  return length < 0 ? -1 : 0;
}

int proc_write(const char *path, const char *text) {
  SCOPED_FD fd = proc_open(path, O_WRONLY);
  return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

void proc_write_lines(pid_t pid, const char *file, const char *const *lines, int count) {
  char path[64], text[4096];
  size_t used = 0;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
  for (int i = 0; i < count; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", lines[i]);
    if (used >= sizeof text) fail_with(STEP_WRITE_ID_MAP, E2BIG, "write", path);
  }
  if (proc_write(path, text)) fail(STEP_WRITE_ID_MAP, "write", path);
}

// Clock ticks by which this process's time namespace shifts the start times that it reads (time_namespaces(7)).
static unsigned long long boottime_offset(void) {
  char text[256];
  long long seconds = 0, nanoseconds = 0;
  if (proc_read("/proc/self/timens_offsets", text, sizeof text)) {
    if (errno != ENOENT) fail(STEP_FIND_PROCESS, "read", "/proc/self/timens_offsets");
    return 0;  // a kernel without time namespaces
  }
  const char *line = strstr(text, "boottime");
  if (line) sscanf(line, "boottime %lld %lld", &seconds, &nanoseconds);
  long ticks = sysconf(_SC_CLK_TCK);
  return (unsigned long long)(seconds * ticks + nanoseconds * ticks / 1000000000);
}

unsigned long long proc_start_time(pid_t pid, const char *what) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (proc_read(path, text, sizeof text)) {
    if (errno == ENOENT) errno = ESRCH;
    fail(STEP_FIND_PROCESS, "find", what);
  }
  // The second field, the command in parentheses, may itself hold blanks and parentheses.
  const char *at = strrchr(text, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  if (!at) fail_with(STEP_FIND_PROCESS, EBADMSG, "read the start time of", what);
  return strtoull(at, NULL, 10) - boottime_offset();
}

pid_t proc_pid_of(int pidfd) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  if (pidfd < 0 || proc_read(path, text, sizeof text)) return -1;
  const char *line = strstr(text, "\nPid:");
  int pid = line ? atoi(line + strlen("\nPid:")) : 0;
  return pid > 0 ? pid : (errno = ESRCH, -1);
}

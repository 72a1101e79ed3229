#define _GNU_SOURCE
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"

static const struct {
  int kind;
  const char *file;
} NAMESPACES[NAMESPACE_KINDS] = {
    {CLONE_NEWUSER, "user"}, {CLONE_NEWPID, "pid"}, {CLONE_NEWNS, "mnt"},        {CLONE_NEWUTS, "uts"},
    {CLONE_NEWIPC, "ipc"},   {CLONE_NEWNET, "net"}, {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWTIME, "time"},
};

int namespaces_kind(const char *name) {
  for (size_t i = 0; i < NAMESPACE_KINDS; i++)
    if (!strcmp(name, NAMESPACES[i].file)) return NAMESPACES[i].kind;
  return 0;
}

int namespaces_at(int index) { return NAMESPACES[index].kind; }

int namespaces_open(pid_t pid, int index) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, NAMESPACES[index].file);
  int fd = proc_open(path, O_RDONLY);
  if (fd < 0) fail(STEP_OPEN_NAMESPACE, "open", path);
  return fd;
}

// Whether a process is in another namespace of this kind than the caller. `file` is the name of the kind.
static int differs(pid_t pid, const char *file) {
  char path[64];
  struct stat ours, theirs;
  snprintf(path, sizeof path, "/proc/self/ns/%s", file);
  if (proc_stat(path, &ours)) {
    if (errno == ENOENT) return 0;  // a kernel without this kind
    fail(STEP_OPEN_NAMESPACE, "read", path);
  }
  snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, file);
  if (proc_stat(path, &theirs)) fail(STEP_OPEN_NAMESPACE, "read", path);
  return ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

int namespaces_join(pid_t pid, unsigned long long started, int kinds, const char *what) {
  SCOPED_FD pidfd = open_pidfd(pid);
  if (pidfd < 0) fail(STEP_FIND_PROCESS, "find", what);
  // Checked once the descriptor is open: it goes on meaning this process, while the PID may be given to another.
  if (started && proc_start_time(pid, what) != started) fail_with(STEP_FIND_PROCESS, ESRCH, "find", what);
  int joined = 0;
  for (size_t i = 0; i < NAMESPACE_KINDS; i++)
    if ((kinds & NAMESPACES[i].kind) && differs(pid, NAMESPACES[i].file)) joined |= NAMESPACES[i].kind;
  if (joined && setns(pidfd, joined)) fail(STEP_JOIN_NAMESPACES, "join the namespaces of", what);
  return joined;
}

void join_keeper_user(pid_t keeper, unsigned long long started, pid_t caller) {
  namespaces_join(keeper, started, CLONE_NEWUSER, "keeper");
  die_with_parent(caller);
}

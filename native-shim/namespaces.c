#define _GNU_SOURCE
#include "namespaces.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "process.h"
#include "report.h"
#include "scope.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static const struct {
  int kind;
  const char *file;
} NAMESPACES[] = {
    {CLONE_NEWUSER, "user"}, {CLONE_NEWPID, "pid"}, {CLONE_NEWNS, "mnt"},        {CLONE_NEWUTS, "uts"},
    {CLONE_NEWIPC, "ipc"},   {CLONE_NEWNET, "net"}, {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWTIME, "time"},
};

int namespace_kind(const char *file) {
  for (size_t i = 0; i < sizeof NAMESPACES / sizeof *NAMESPACES; i++)
    if (!strcmp(file, NAMESPACES[i].file)) return NAMESPACES[i].kind;
  return 0;
}

static int differs(pid_t pid, const char *file) {
  char path[64];
  struct stat ours, theirs;
  snprintf(path, sizeof path, "/proc/self/ns/%s", file);
  if (stat(path, &ours)) return 0;  // a kernel without this kind
  snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, file);
  if (stat(path, &theirs)) fail("read", path);
  return ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

int namespaces_join(pid_t pid, int kinds, const char *what) { return namespaces_join_checked(pid, 0, kinds, what); }

int namespaces_join_checked(pid_t pid, unsigned long long started, int kinds, const char *what) {
  SCOPED_FD pidfd = open_pidfd(pid);
  if (pidfd < 0) fail("find", what);
  // Checked after the descriptor is open: from here on it stays that process.
  if (started && start_time(pid) != started) errno = ESRCH, fail("find", what);
  int joined = 0;
  for (size_t i = 0; i < sizeof NAMESPACES / sizeof *NAMESPACES; i++)
    if ((kinds & NAMESPACES[i].kind) && differs(pid, NAMESPACES[i].file)) joined |= NAMESPACES[i].kind;
  if (joined && setns(pidfd, joined)) fail("join the namespaces of", what);
  return joined;
}

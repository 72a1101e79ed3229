#define _GNU_SOURCE
#include "time_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "namespaces.h"
#include "proc.h"
#include "report.h"
#include "scope.h"

// After unshare(2), only children of the process are in the new time namespace. The offsets of a namespace can be
// written only while no process is in it, so they are written before the process itself enters.
void time_namespace_make(const char *const *offsets, int count) {
  struct stat now;
  if (proc_stat("/proc/self/ns/time", &now)) {
    if (errno == ENOENT) errno = EOPNOTSUPP;  // a kernel without time namespaces
    fail(STEP_CREATE_TIME_NAMESPACE, "create", "time namespace");
  }
  if (unshare(CLONE_NEWTIME)) fail(STEP_CREATE_TIME_NAMESPACE, "create", "time namespace");
  SCOPED_FD file = proc_open("/proc/self/timens_offsets", O_WRONLY);
  if (file < 0) fail(STEP_SET_TIME_OFFSET, "open", "/proc/self/timens_offsets");
  for (int i = 0; i < count; i++)
    if (write(file, offsets[i], strlen(offsets[i])) < 0) fail(STEP_SET_TIME_OFFSET, "set the time offset", offsets[i]);
  SCOPED_FD made = proc_open("/proc/self/ns/time_for_children", O_RDONLY);
  if (made < 0 || setns(made, CLONE_NEWTIME)) fail(STEP_JOIN_NAMESPACES, "enter", "time namespace");
}

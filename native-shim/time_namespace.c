#define _GNU_SOURCE
#include "time_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "namespaces.h"
#include "report.h"
#include "scope.h"

// A process enters its new time namespace not by unshare(2), only its children do: so offsets can be written before
// anybody is in it. Once somebody is, they are fixed.
void time_namespace_make(const char *const *offsets, int count) {
  if (access("/proc/self/ns/time", F_OK)) errno = EOPNOTSUPP, fail("create", "time namespace");
  if (unshare(CLONE_NEWTIME)) fail("create", "time namespace");
  SCOPED_FD file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
  if (file < 0) fail("open", "/proc/self/timens_offsets");
  for (int i = 0; i < count; i++)
    if (write(file, offsets[i], strlen(offsets[i])) < 0) fail("set the time offset", offsets[i]);
  SCOPED_FD made = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
  if (made < 0 || setns(made, CLONE_NEWTIME)) fail("enter", "time namespace");
}

#define _GNU_SOURCE
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "report.h"
#include "scope.h"

int cgroup_is_refused(void) {
  switch (errno) {
    case ENOENT:      // the cgroup is gone
    case ENODEV:
    case ENOTDIR:     // the directory is none of a cgroup
    case EACCES:      // the caller may not move processes there
    case EPERM:
    case EROFS:
    case EBUSY:       // it gives its controllers to cgroups below it, so it may have no process
    case EOPNOTSUPP:  // it may have only threads
    case E2BIG:       // a kernel that cannot start processes in a cgroup
    case EINVAL: return 1;
    default: return 0;
  }
}

int cgroup_open_in(int directory, const char *name) {
  // EAGAIN: as many cgroups are there as may be (cgroup.max.descendants).
  if (mkdirat(directory, name, 0755) && errno != EEXIST) {
    if (errno != EAGAIN && !cgroup_is_refused()) fail(STEP_ENTER_CGROUP, "make cgroup", name);
    return -1;
  }
  int cgroup = openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (cgroup < 0 && !cgroup_is_refused()) fail(STEP_ENTER_CGROUP, "open cgroup", name);
  return cgroup;
}

static int has_type(int directory, long type) {
  struct statfs system;
  return directory >= 0 && !fstatfs(directory, &system) && system.f_type == type;
}

int cgroup_is_version_2(int cgroup) { return has_type(cgroup, CGROUP2_SUPER_MAGIC); }

void cgroup_leave_out(int directory, const char *name, int cgroup) {
  if (!cgroup_is_refused()) fail(STEP_ENTER_CGROUP, "start a process in cgroup", name);
  if (cgroup_is_version_2(cgroup) || has_type(cgroup, CGROUP_SUPER_MAGIC)) unlinkat(directory, name, AT_REMOVEDIR);
}

void cgroup_add(int directory, const char *name, int cgroup, pid_t pid) {
  SCOPED_FD processes = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (processes < 0 || dprintf(processes, "%d", (int)pid) < 0) cgroup_leave_out(directory, name, cgroup);
}

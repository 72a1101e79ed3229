#define _GNU_SOURCE
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "scope.h"

int cgroup_open_in(int directory, const char *name) {
  if (mkdirat(directory, name, 0755) && errno != EEXIST) return -1;
  return openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int cgroup_is_version_2(int cgroup) {
  struct statfs system;
  return cgroup >= 0 && !fstatfs(cgroup, &system) && system.f_type == CGROUP2_SUPER_MAGIC;
}

void cgroup_add(int cgroup, pid_t pid) {
  SCOPED_FD processes = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  if (processes >= 0) dprintf(processes, "%d", (int)pid);
}

#define _GNU_SOURCE
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

// Constants of linux/mount.h, and its struct mount_attr. That header clashes with sys/mount.h in some versions of
// glibc.
enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000, MOVE_FROM_DESCRIPTOR = 4, EMPTY_PATH = 0x1000 };
enum { CLOSE_ON_EXEC = 1, CREATE = 6, NO_SUID = 2, NO_DEVICES = 4, NO_PROGRAMS = 8 };
struct attributes {
  uint64_t set, clear, propagation, user_namespace;
};

enum { OWN_MAX = 256 };
static dev_t own[OWN_MAX];
static int own_count;

int mounts_copy(const char *source) {
  return (int)syscall(SYS_open_tree, AT_FDCWD, source, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
}

int mounts_make_proc(void) {
  int system = (int)syscall(SYS_fsopen, "proc", CLOSE_ON_EXEC);
  if (system < 0) return -1;
  int refused = (int)syscall(SYS_fsconfig, system, CREATE, NULL, NULL, 0);
  int mount = refused ? -1 : (int)syscall(SYS_fsmount, system, CLOSE_ON_EXEC, NO_SUID | NO_DEVICES | NO_PROGRAMS);
  int error = errno;
  close(system);
  errno = error;
  return mount;
}

int mounts_attach(int tree, const char *target) {
  return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_FROM_DESCRIPTOR);
}

int mounts_make_read_only(int tree) {
  struct attributes attributes = {.set = 1};
  return (int)syscall(SYS_mount_setattr, tree, "", EMPTY_PATH | TREE_RECURSIVE, &attributes, sizeof attributes);
}

int mounts_path_is_missing(void) {
  return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP;
}

void mounts_own(const char *path) {
  struct stat now;
  if (own_count == OWN_MAX) fail_with(STEP_ATTACH_MOUNT, E2BIG, "mount one more at", path);
  if (stat(path, &now)) fail(STEP_FIND_TARGET, "find", path);
  own[own_count++] = now.st_dev;
}

int mounts_is_own(dev_t device) {
  for (int i = 0; i < own_count; i++)
    if (own[i] == device) return 1;
  return 0;
}

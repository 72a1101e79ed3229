#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "contents.h"
#include "machine_mounts.h"
#include "own_directory.h"
#include "report.h"
#include "scope.h"

// Opens a path. Links of /proc are not followed: they may lead out of the node. A FIFO does not make it wait.
static int open_inside(const char *path, int flags) {
  struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY),
                         .resolve = RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

static void require_own(int fd, const char *path) {
  if (!machine_mounts_lack(fd)) fail_with(STEP_OWN_FILE, EROFS, "change the machine's", path);
}

// Opens the directory that a path is in, which must be the node's own; makes it when it is missing.
static int open_directory_of(const char *path) {
  SCOPED_FREE char *directory = own_directory_name(path);
  int fd = open_inside(directory, O_PATH | O_DIRECTORY);
  if (fd < 0 && errno == ENOENT && strcmp(directory, "/")) {
    SCOPED_FD above = open_directory_of(directory);
    const char *name = strrchr(directory, '/') + 1;
    if (mkdirat(above, name, 0755) && errno != EEXIST) fail(STEP_MAKE_TARGET, "make directory", directory);
    fd = open_inside(directory, O_PATH | O_DIRECTORY);
  }
  if (fd < 0) fail(STEP_FIND_TARGET, "find", directory);
  require_own(fd, directory);
  return fd;
}

static int make(const char *path) {
  SCOPED_FD directory = open_directory_of(path);
  const char *name = strrchr(path, '/') + 1;
  int file = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  // A symbolic link that leads nowhere is replaced.
  if (file < 0 && errno == EEXIST && !unlinkat(directory, name, 0))
    file = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) fail(STEP_WRITE_FILE, "make", path);
  return file;
}

// What tells the caller why a file cannot be written: it has no other use here.
static int error_of_type(mode_t mode) {
  return S_ISDIR(mode) ? EISDIR : S_ISFIFO(mode) ? ESPIPE : S_ISSOCK(mode) ? ENXIO : EINVAL;
}

static int open_to_write(const char *path) {
  SCOPED_FD found = open_inside(path, O_PATH);
  if (found < 0 && errno == ENOENT) return make(path);
  struct stat now;
  if (found < 0 || fstat(found, &now)) fail(STEP_FIND_TARGET, "find", path);
  if (!S_ISREG(now.st_mode)) fail_with(STEP_WRITE_FILE, error_of_type(now.st_mode), "write", path);
  require_own(found, path);
  int file = open_inside(path, O_WRONLY);
  if (file < 0) fail(STEP_WRITE_FILE, "write", path);
  return file;
}

void inside_write(const char *path, const char *mode, const char *owner, const struct inside_text *text) {
  SCOPED_FD file = open_to_write(path);
  struct stat now;
  uid_t user;
  gid_t group;
  // Cut off last, so that a program that reads meanwhile never finds an empty file.
  contents_write_bytes(file, path, text->bytes, text->length);
  if (ftruncate(file, (off_t)text->length) || fstat(file, &now)) fail(STEP_WRITE_FILE, "write", path);
  own_directory_read_ids(owner, path, &user, &group);
  if ((now.st_uid != user || now.st_gid != group) && fchown(file, user, group))
    fail(STEP_CHANGE_OWNER, "change the owner of", path);
  mode_t wanted = (mode_t)strtoul(mode, NULL, 8);
  if ((now.st_mode & 07777) != wanted && fchmod(file, wanted)) fail(STEP_CHANGE_MODE, "change the mode of", path);
}

void inside_remove(const char *path, int covers) {
  struct stat now;
  struct statfs system;
  SCOPED_FD found = open_inside(path, O_PATH | O_NOFOLLOW);
  if (found < 0 && (errno == ENOENT || errno == ENOTDIR)) return;
  if (found < 0 || fstat(found, &now)) fail(STEP_FIND_TARGET, "find", path);
  if (S_ISDIR(now.st_mode)) fail_with(STEP_REMOVE_FILE, EISDIR, "remove", path);
  if (!machine_mounts_lack(found)) return;  // the node has removed its own
  if (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW)) return;
  if (errno != EINVAL) fail(STEP_REMOVE_FILE, "unmount", path);
  SCOPED_FD directory = open_directory_of(path);
  // In an overlay, what is removed does not uncover what is below.
  if (covers && !fstatfs(directory, &system) && system.f_type == OVERLAYFS_SUPER_MAGIC)
    fail_with(STEP_REMOVE_FILE, EBUSY, "uncover the machine's", path);
  if (unlinkat(directory, strrchr(path, '/') + 1, 0) && errno != ENOENT) fail(STEP_REMOVE_FILE, "remove", path);
}

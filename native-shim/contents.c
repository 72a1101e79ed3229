#define _GNU_SOURCE
#include "contents.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attached.h"
#include "mounts.h"
#include "own_directory.h"
#include "report.h"
#include "scope.h"
#include "scratch.h"

// A file up to this size is copied for each node, which takes a third of the time of an overlay. A file that names all
// nodes of a lab is larger from some 650 nodes on, and copies of it would take memory with the square of their number.
enum { COPIED_MAX = 64 * 1024 };

// Where the content of a new file comes from: a text in hexadecimal digits, or else a descriptor.
struct content {
  const char *hex;
  int source;
};

int contents_open(const char *source) {
  int tree = mounts_copy(source);
  if (tree < 0) fail(STEP_COPY_MOUNT, "open", source);
  return tree;
}

void contents_mount(int tree, const char *target, int read_only) {
  struct stat source;
  if (fstat(tree, &source)) fail(STEP_FIND_TARGET, "examine the source of", target);
  own_directory_make_target(target, S_ISDIR(source.st_mode));
  struct stat there;
  if (stat(target, &there)) fail(STEP_FIND_TARGET, "find", target);
  if (S_ISDIR(there.st_mode) != S_ISDIR(source.st_mode))
    fail_with(STEP_ATTACH_MOUNT, S_ISDIR(there.st_mode) ? EISDIR : ENOTDIR, "mount at", target);
  if (read_only && mounts_make_read_only(tree)) fail(STEP_MAKE_READ_ONLY, "make read-only", target);
  attached_add(tree, target);
}

void contents_tmpfs(const char *target, const char *options) {
  own_directory_make_target(target, 1);
  if (mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options))
    fail(STEP_MOUNT_TMPFS, "mount a tmpfs at", target);
  mounts_own(target);
  attached_remember(target);
}

void contents_write_bytes(int file, const char *target, const char *bytes, size_t count) {
  for (size_t at = 0; at < count;) {
    ssize_t written = write(file, bytes + at, count - at);
    if (written < 0) fail(STEP_WRITE_FILE, "write", target);
    at += (size_t)written;
  }
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

size_t contents_decode(const char *hex, const char *target, char *bytes, size_t room) {
  size_t count = 0;
  for (; count < room && *hex; hex += 2) {
    if (digit(hex[0]) < 0 || digit(hex[1]) < 0) fail_with(STEP_READ_SPEC, EBADMSG, "read the content of", target);
    bytes[count++] = (char)(digit(hex[0]) << 4 | digit(hex[1]));
  }
  return count;
}

static void write_content(int file, const char *target, const struct content *content) {
  char bytes[1 << 14];
  if (content->hex) {
    for (const char *hex = content->hex; *hex;) {
      size_t count = contents_decode(hex, target, bytes, sizeof bytes);
      contents_write_bytes(file, target, bytes, count);
      hex += 2 * count;
    }
    return;
  }
  for (ssize_t count; (count = read(content->source, bytes, sizeof bytes));) {
    if (count < 0) fail(STEP_WRITE_FILE, "read what is copied to", target);
    contents_write_bytes(file, target, bytes, (size_t)count);
  }
}

// Makes a file at `path`; failures name `target`, where the user will see it.
static void make_file(const char *path, const char *target, const char *mode, const char *owner,
                      const struct content *content) {
  SCOPED_FD file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) fail(STEP_WRITE_FILE, "make", target);
  write_content(file, target, content);
  uid_t user;
  gid_t group;
  own_directory_read_ids(owner, target, &user, &group);
  if (fchown(file, user, group)) fail(STEP_CHANGE_OWNER, "change the owner of", target);
  if (fchmod(file, (mode_t)strtoul(mode, NULL, 8))) fail(STEP_CHANGE_MODE, "change the mode of", target);
}

// A file of the machine is covered by a mount, which leaves its directory the machine's. Where there is no file, or the
// directory is the node's own, the file is made in the directory. An entry that is bound in the node's own directory is
// the machine's (own_directory.c), and cannot be removed (EBUSY): it is covered, too.
static void put_file(const char *target, const char *mode, const char *owner, const struct content *content) {
  struct stat now, directory;
  SCOPED_FREE char *parent = own_directory_name(target);
  int is_there = !stat(target, &now);
  if (!is_there && !mounts_path_is_missing()) fail(STEP_FIND_TARGET, "find", target);
  if (is_there && S_ISDIR(now.st_mode)) fail_with(STEP_WRITE_FILE, EISDIR, "write", target);
  if (is_there && stat(parent, &directory)) fail(STEP_FIND_TARGET, "find", parent);
  if (is_there && (!mounts_is_own(directory.st_dev) || (unlink(target) && errno == EBUSY))) {
    char file[SCRATCH_PATH];
    make_file(scratch_path(file), target, mode, owner, content);
    SCOPED_FD tree = mounts_copy(file);
    if (tree < 0) fail(STEP_COPY_MOUNT, "mount at", target);
    attached_add(tree, target);
    return;
  }
  own_directory_of(target);
  unlink(target);
  make_file(target, target, mode, owner, content);
}

void contents_write(const char *target, const char *mode, const char *owner, const char *hex) {
  put_file(target, mode, owner, &(struct content){.hex = hex});
}

// Mounts an overlay over the directory `tree`, where the node does not see it, and attaches its file `name` to a path, which
// is made where it is missing. A write to the file then makes a copy of it in memory. Returns whether the kernel has no
// overlay here.
static int attach_from_overlay(int tree, const char *name, const char *target) {
  char lower[SCRATCH_PATH], upper[SCRATCH_PATH], work[SCRATCH_PATH], file[SCRATCH_PATH + NAME_MAX + 2];
  char options[4 * SCRATCH_PATH];
  scratch_directory(target, lower), scratch_directory(target, upper), scratch_directory(target, work);
  if (mounts_make_read_only(tree)) fail(STEP_MAKE_READ_ONLY, "make read-only", lower);
  if (mounts_attach(tree, lower)) fail(STEP_ATTACH_MOUNT, "mount at", lower);
  snprintf(options, sizeof options, "userxattr,lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
  if (mount("overlay", lower, "overlay", MS_NOSUID | MS_NODEV, options)) {
    if (own_directory_overlay_is_refused()) return 1;
    fail(STEP_MOUNT_OVERLAY, "mount an overlay for", target);
  }
  snprintf(file, sizeof file, "%s/%s", lower, name);
  SCOPED_FD copy = mounts_copy(file);
  if (copy < 0) fail(STEP_COPY_MOUNT, "mount at", target);
  own_directory_make_target(target, 0);
  attached_add(copy, target);
  return 0;
}

// The name of a file in its directory.
static const char *name_of(const char *path) { return strrchr(path, '/') + 1; }

void contents_copy(int tree, const char *target) {
  struct stat now;
  SCOPED_FD source = openat(tree, name_of(target), O_RDONLY | O_CLOEXEC);
  if (source < 0 || fstat(source, &now)) fail(STEP_WRITE_FILE, "open what is copied to", target);
  // Only a file of the node's root can be written through an overlay: another owner may not exist in the node.
  if (now.st_size > COPIED_MAX && now.st_uid == 0 && !attach_from_overlay(tree, name_of(target), target)) return;
  put_file(target, "644", "0:0", &(struct content){.source = source});
}

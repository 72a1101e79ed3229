#define _GNU_SOURCE
#include "own_directory.h"

#include <dirent.h>
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
#include "report.h"
#include "scope.h"
#include "scratch.h"

enum { OWNERS_MAX = 4096 };

static struct owner {
  const char *directory, *ids;
} owners[OWNERS_MAX];
static int owner_count;

void own_directory_owner(const char *directory, const char *ids) {
  if (owner_count == OWNERS_MAX) fail_with(STEP_CHANGE_OWNER, E2BIG, "remember one more owner, of", directory);
  owners[owner_count++] = (struct owner){.directory = directory, .ids = ids};
}

void own_directory_read_ids(const char *ids, const char *of, uid_t *user, gid_t *group) {
  char *end = NULL;
  *user = (uid_t)strtoul(ids, &end, 10);
  if (*end != ':') fail_with(STEP_READ_SPEC, EBADMSG, "read the owner of", of);
  *group = (gid_t)strtoul(end + 1, NULL, 10);
}

// Gives the node's own directory at `path` the owner of the machine's directory `directory`, and its mode, in which
// chown(2) clears bits. An owner whom the node does not have (EINVAL) is left out: there, root is the only user.
static void keep_owner(const char *path, const char *directory, mode_t mode) {
  for (struct owner *each = owners; each < owners + owner_count; each++) {
    if (strcmp(each->directory, directory)) continue;
    uid_t user;
    gid_t group;
    own_directory_read_ids(each->ids, directory, &user, &group);
    if (chown(path, user, group) && errno != EINVAL)
      fail(STEP_CHANGE_OWNER, "change the owner of", directory);
  }
  if (chmod(path, mode & 07777)) fail(STEP_CHANGE_MODE, "change the mode of", directory);
}

// Mounts an empty tmpfs over a directory.
static void cover_with_tmpfs(const char *directory, mode_t mode) {
  if (mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, NULL))
    fail(STEP_MOUNT_TMPFS, "mount a tmpfs over", directory);
  keep_owner(directory, directory, mode);
}

int own_directory_overlay_is_refused(void) { return errno == EINVAL || errno == ENODEV || errno == EPERM; }

// Mounts an overlay over a directory of the machine: new names in it are kept in memory and end with the node. Returns
// whether the kernel refuses that.
static int mount_overlay(const char *directory, mode_t mode) {
  char upper[SCRATCH_PATH], work[SCRATCH_PATH], options[3 * SCRATCH_PATH];
  scratch_directory(directory, upper), scratch_directory(directory, work);
  snprintf(options, sizeof options, "userxattr,lowerdir=.,upperdir=%s,workdir=%s", upper, work);
  keep_owner(upper, directory, mode);
  // The lower directory is given as `.`, since a comma or colon in its path would end the option.
  if (chdir(directory)) fail(STEP_MOUNT_OVERLAY, "enter", directory);
  int is_refused = mount("overlay", directory, "overlay", MS_NODEV, options);
  if (is_refused && !own_directory_overlay_is_refused()) fail(STEP_MOUNT_OVERLAY, "mount an overlay over", directory);
  if (chdir("/")) fail(STEP_MOUNT_OVERLAY, "enter", "/");
  return is_refused;
}

// Makes an entry of the working directory appear in a new directory, read-only, with all that is mounted below it.
// `directory` is a descriptor of the new directory and `path` its path.
static void bind_entry(const char *name, int directory, const char *path) {
  struct stat now;
  char target[PATH_MAX], link[PATH_MAX];
  if (snprintf(target, sizeof target, "%s/%s", path, name) >= (int)sizeof target)
    fail_with(STEP_COPY_DIRECTORY, ENAMETOOLONG, "show what is in", path);
  if (fstatat(AT_FDCWD, name, &now, AT_SYMLINK_NOFOLLOW)) fail(STEP_COPY_DIRECTORY, "find", target);
  if (S_ISLNK(now.st_mode)) {
    ssize_t length = readlink(name, link, sizeof link - 1);
    if (length < 0 || (link[length] = 0, symlinkat(link, directory, name))) fail(STEP_COPY_DIRECTORY, "link", target);
    return;
  }
  SCOPED_FD tree = mounts_copy(name);
  if (tree < 0) fail(STEP_COPY_MOUNT, "show", target);
  if (mounts_make_read_only(tree)) fail(STEP_MAKE_READ_ONLY, "show", target);
  if (S_ISDIR(now.st_mode) ? mkdirat(directory, name, 0755) : mknodat(directory, name, S_IFREG | 0644, 0))
    fail(STEP_COPY_DIRECTORY, "make", target);
  if (mounts_attach(tree, target)) fail(STEP_ATTACH_MOUNT, "mount at", target);
}

// Mounts a tmpfs over a directory and makes every entry that the directory had appear in it. This takes the place of an
// overlay that the kernel refuses.
static void mount_tmpfs_with_entries(const char *directory, mode_t mode) {
  if (chdir(directory)) fail(STEP_COPY_DIRECTORY, "enter", directory);
  cover_with_tmpfs(directory, mode);
  SCOPED_FD above = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *below = opendir(".");
  if (above < 0 || !below) fail(STEP_COPY_DIRECTORY, "read", directory);
  for (struct dirent *entry; (entry = readdir(below));)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) bind_entry(entry->d_name, above, directory);
  closedir(below);
  if (chdir("/")) fail(STEP_COPY_DIRECTORY, "enter", "/");
}

static int may_enter(const char *directory) {
  if (!access(directory, X_OK)) return 1;
  if (errno != EACCES) fail(STEP_FIND_TARGET, "examine", directory);
  return 0;
}

// Makes a directory of the machine the node's own, so that files may be made in it. A directory that the node may not
// enter, such as the machine's /root, looks empty to it, so an empty tmpfs will do.
static void make_own(const char *directory, mode_t mode) {
  if (!strcmp(directory, "/")) fail_with(STEP_ADD_NAME_TO_ROOT, EROFS, "make a name in", directory);
  attached_copy_below(directory);
  if (!may_enter(directory)) cover_with_tmpfs(directory, mode);
  else if (mount_overlay(directory, mode)) mount_tmpfs_with_entries(directory, mode);
  mounts_own(directory);
  attached_put_back();
  attached_remember(directory);
}

char *own_directory_name(const char *path) {
  char *directory = strdup(path);
  if (!directory) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", path);
  char *slash = strrchr(directory, '/');
  slash[slash == directory] = 0;
  return directory;
}

// Whether a path leads nowhere for the node, which does not see what is in a directory that it may not enter.
static int is_not_there(void) { return errno == ENOENT || errno == EACCES; }

void own_directory_of(const char *path) {
  SCOPED_FREE char *directory = own_directory_name(path);
  struct stat now;
  if (stat(directory, &now)) {
    if (!is_not_there()) fail(STEP_FIND_TARGET, "find", directory);
    own_directory_of(directory);
    unlink(directory);  // a symbolic link to a path that does not exist
    if (mkdir(directory, 0755)) fail(STEP_MAKE_TARGET, "make directory", directory);
    keep_owner(directory, directory, 0755);
  } else if (!S_ISDIR(now.st_mode)) {
    fail_with(STEP_MAKE_TARGET, ENOTDIR, "make a file in", directory);
  } else if (!mounts_is_own(now.st_dev)) {
    make_own(directory, now.st_mode);
  }
}

void own_directory_make_target(const char *target, int is_directory) {
  struct stat now;
  if (!stat(target, &now)) return;
  if (!is_not_there()) fail(STEP_FIND_TARGET, "find", target);
  own_directory_of(target);
  unlink(target);
  SCOPED_FD file = is_directory ? mkdir(target, 0755) : open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0) fail(STEP_MAKE_TARGET, "make", target);
  if (is_directory) file = -1;  // mkdir(2) returns no descriptor
}

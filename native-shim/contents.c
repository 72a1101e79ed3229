#define _GNU_SOURCE
#include "contents.h"

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

#include "mounts.h"
#include "report.h"
#include "scope.h"
#include "scratch.h"

enum { ATTACHED_MAX = 2048, NO_TREE = -1 };

// The mounts that exist so far. While a new mount is put over a directory, `tree` is a copy of a mount below it.
static struct attached {
  char *path;
  int tree;
} attached[ATTACHED_MAX];
static int attached_count;

static char *real_path(const char *path) {
  char *real = realpath(path, NULL);
  if (!real) fail(STEP_FIND_TARGET, "find", path);
  return real;
}

static void remember(const char *target) {
  if (attached_count == ATTACHED_MAX) fail_with(STEP_ATTACH_MOUNT, E2BIG, "mount one more at", target);
  attached[attached_count++] = (struct attached){.path = real_path(target), .tree = NO_TREE};
}

static void attach(int tree, const char *target) {
  if (mounts_attach(tree, target)) fail(STEP_ATTACH_MOUNT, "mount at", target);
  remember(target);
}

static int is_below(const char *path, const char *directory) {
  size_t length = strlen(directory);
  return !strncmp(path, directory, length) && path[length] == '/';
}

// Whether a mount lies below another mount that itself lies below the directory: the copy of that one contains it.
static int is_in_another_copy(const struct attached *one, const char *directory) {
  for (struct attached *each = attached; each < attached + attached_count; each++)
    if (is_below(each->path, directory) && is_below(one->path, each->path)) return 1;
  return 0;
}

// Copies the mounts below a directory, before a new mount on the directory hides them. One whose path is missing is
// hidden already, by a mount that came after it.
static void copy_mounts_below(const char *directory) {
  SCOPED_FREE char *real = real_path(directory);
  for (struct attached *each = attached; each < attached + attached_count; each++)
    if (is_below(each->path, real) && !is_in_another_copy(each, real)) {
      each->tree = mounts_copy(each->path);
      if (each->tree < 0 && !mounts_path_is_missing()) fail(STEP_COPY_MOUNT, "open", each->path);
    }
}

// Attaches those copies to the paths where they were, on the new mount.
static void attach_copies(void) {
  for (struct attached *each = attached; each < attached + attached_count; each++) {
    if (each->tree == NO_TREE) continue;
    if (mounts_attach(each->tree, each->path)) fail(STEP_ATTACH_MOUNT, "mount at", each->path);
    close(each->tree), each->tree = NO_TREE;
  }
}

int contents_open(const char *source) {
  int tree = mounts_copy(source);
  if (tree < 0) fail(STEP_COPY_MOUNT, "open", source);
  return tree;
}

// Mounts an empty tmpfs with this mode over a directory.
static void cover_with_tmpfs(const char *directory, mode_t mode) {
  char options[32];
  snprintf(options, sizeof options, "mode=%o", mode & 07777);
  if (mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, options))
    fail(STEP_MOUNT_TMPFS, "mount a tmpfs over", directory);
}

// The path of a name in the scratch tmpfs: a tmpfs that is mounted only while something that belongs to another path is
// made in it. "" is the tmpfs itself.
static const char *scratch_tmpfs_path(const char *name, char path[SCRATCH_PATH]) {
  char below[32];
  snprintf(below, sizeof below, ".scratch%s", name);
  return scratch_path(below, path);
}

static void mount_scratch_tmpfs(const char *target) {
  char path[SCRATCH_PATH];
  scratch_tmpfs_path("", path);
  if (mkdir(path, 0700) || mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"))
    fail(STEP_MOUNT_SCRATCH, "mount a scratch tmpfs for", target);
}

// Unmounts the scratch tmpfs. Its files stay where they have been mounted meanwhile.
static void unmount_scratch_tmpfs(const char *target) {
  char path[SCRATCH_PATH];
  scratch_tmpfs_path("", path);
  if (umount2(path, MNT_DETACH) || rmdir(path)) fail(STEP_MOUNT_SCRATCH, "unmount the scratch tmpfs for", target);
}

// Mounts an overlay over a directory of the machine: new names in it are kept in memory and end with the node. Returns
// whether the kernel refuses that with EINVAL, as it does where other file systems of the machine are mounted below the
// directory.
static int mount_overlay(const char *directory, mode_t mode) {
  char upper[SCRATCH_PATH], work[SCRATCH_PATH], options[3 * SCRATCH_PATH];
  scratch_tmpfs_path("/upper", upper), scratch_tmpfs_path("/work", work);
  snprintf(options, sizeof options, "userxattr,lowerdir=.,upperdir=%s,workdir=%s", upper, work);
  // The lower directory is given as `.`, since a comma or colon in its path would end the option.
  if (chdir(directory)) fail(STEP_MOUNT_OVERLAY, "enter", directory);
  mount_scratch_tmpfs(directory);
  if (mkdir(upper, 0755) || mkdir(work, 0755) || chmod(upper, mode & 07777))
    fail(STEP_MOUNT_OVERLAY, "make an overlay for", directory);
  int is_refused = mount("overlay", directory, "overlay", MS_NODEV, options);
  if (is_refused && errno != EINVAL) fail(STEP_MOUNT_OVERLAY, "mount an overlay over", directory);
  if (chdir("/")) fail(STEP_MOUNT_OVERLAY, "enter", "/");
  unmount_scratch_tmpfs(directory);
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
  copy_mounts_below(directory);
  if (!may_enter(directory)) cover_with_tmpfs(directory, mode);
  else if (mount_overlay(directory, mode)) mount_tmpfs_with_entries(directory, mode);
  mounts_own(directory);
  attach_copies();
  remember(directory);
}

// The directory that an absolute path is in. The caller frees it.
static char *parent_of(const char *path) {
  char *directory = strdup(path);
  if (!directory) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", path);
  char *slash = strrchr(directory, '/');
  slash[slash == directory] = 0;
  return directory;
}

// Makes the directory that `path` is in the node's own. Makes the directories that are missing on the way to it.
static void make_parent_own(const char *path) {
  SCOPED_FREE char *directory = parent_of(path);
  struct stat now;
  if (stat(directory, &now)) {
    if (errno != ENOENT) fail(STEP_FIND_TARGET, "find", directory);
    make_parent_own(directory);
    unlink(directory);  // a symbolic link to a path that does not exist
    if (mkdir(directory, 0755)) fail(STEP_MAKE_TARGET, "make directory", directory);
  } else if (!S_ISDIR(now.st_mode)) {
    fail_with(STEP_MAKE_TARGET, ENOTDIR, "make a file in", directory);
  } else if (!mounts_is_own(now.st_dev)) {
    make_own(directory, now.st_mode);
  }
}

// Makes the directory or file that a mount is to be attached to, where it is missing.
static void make_target(const char *target, int is_directory) {
  struct stat now;
  if (!stat(target, &now)) return;
  if (errno != ENOENT) fail(STEP_FIND_TARGET, "find", target);
  make_parent_own(target);
  unlink(target);
  SCOPED_FD file = is_directory ? mkdir(target, 0755) : open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0) fail(STEP_MAKE_TARGET, "make", target);
  if (is_directory) file = -1;  // mkdir(2) returns no descriptor
}

void contents_mount(int tree, const char *target, int read_only) {
  struct stat source;
  if (fstat(tree, &source)) fail(STEP_FIND_TARGET, "examine the source of", target);
  make_target(target, S_ISDIR(source.st_mode));
  struct stat there;
  if (stat(target, &there)) fail(STEP_FIND_TARGET, "find", target);
  if (S_ISDIR(there.st_mode) != S_ISDIR(source.st_mode))
    fail_with(STEP_ATTACH_MOUNT, S_ISDIR(there.st_mode) ? EISDIR : ENOTDIR, "mount at", target);
  if (read_only && mounts_make_read_only(tree)) fail(STEP_MAKE_READ_ONLY, "make read-only", target);
  attach(tree, target);
}

void contents_tmpfs(const char *target, const char *options) {
  make_target(target, 1);
  if (mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options))
    fail(STEP_MOUNT_TMPFS, "mount a tmpfs at", target);
  mounts_own(target);
  remember(target);
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static void write_content(int file, const char *target, const char *hex) {
  char bytes[1 << 14];
  while (*hex) {
    size_t count = 0;
    for (; count < sizeof bytes && *hex; hex += 2) {
      if (digit(hex[0]) < 0 || digit(hex[1]) < 0) fail_with(STEP_READ_SPEC, EBADMSG, "read the content of", target);
      bytes[count++] = (char)(digit(hex[0]) << 4 | digit(hex[1]));
    }
    for (size_t at = 0; at < count;) {
      ssize_t written = write(file, bytes + at, count - at);
      if (written < 0) fail(STEP_WRITE_FILE, "write", target);
      at += (size_t)written;
    }
  }
}

// Makes a file at `path`; failures name `target`, where the user will see it.
static void make_file(const char *path, const char *target, const char *mode, const char *owner, const char *hex) {
  SCOPED_FD file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) fail(STEP_WRITE_FILE, "make", target);
  write_content(file, target, hex);
  char *group = NULL;
  unsigned long user = strtoul(owner, &group, 10);
  if (*group != ':') fail_with(STEP_READ_SPEC, EBADMSG, "read the owner of", target);
  if (fchown(file, (uid_t)user, (gid_t)strtoul(group + 1, NULL, 10)))
    fail(STEP_CHANGE_OWNER, "change the owner of", target);
  if (fchmod(file, (mode_t)strtoul(mode, NULL, 8))) fail(STEP_CHANGE_MODE, "change the mode of", target);
}

// A file of the machine is covered by a mount, which leaves its directory the machine's. Where there is no file, or the
// directory is the node's own, the file is made in the directory. An entry that mount_tmpfs_with_entries has bound is
// the machine's although its directory is the node's own, and cannot be removed (EBUSY): it is covered, too.
void contents_write(const char *target, const char *mode, const char *owner, const char *hex) {
  struct stat now, directory;
  SCOPED_FREE char *parent = parent_of(target);
  int is_there = !stat(target, &now);
  if (!is_there && !mounts_path_is_missing()) fail(STEP_FIND_TARGET, "find", target);
  if (is_there && S_ISDIR(now.st_mode)) fail_with(STEP_WRITE_FILE, EISDIR, "write", target);
  if (is_there && stat(parent, &directory)) fail(STEP_FIND_TARGET, "find", parent);
  if (is_there && (!mounts_is_own(directory.st_dev) || (unlink(target) && errno == EBUSY))) {
    // In a file system of its own, where it keeps its name: a file that has lost its name could not be copied
    // (open_tree(2)) once more, when a mount is put over a directory above.
    char file[SCRATCH_PATH];
    mount_scratch_tmpfs(target);
    make_file(scratch_tmpfs_path("/file", file), target, mode, owner, hex);
    SCOPED_FD tree = mounts_copy(file);
    if (tree < 0) fail(STEP_COPY_MOUNT, "mount at", target);
    unmount_scratch_tmpfs(target);
    attach(tree, target);
    return;
  }
  make_parent_own(target);
  unlink(target);
  make_file(target, target, mode, owner, hex);
}

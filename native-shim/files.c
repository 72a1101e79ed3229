#define _GNU_SOURCE
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mounts.h"
#include "report.h"
#include "scope.h"
#include "scratch.h"

static void mount_at(const char *type, const char *target, unsigned long flags, const char *data) {
  if (mount(type, target, type, flags, data)) fail("mount", target);
}

static void make_directory(const char *path) {
  if (mkdir(path, 0755) && errno != EEXIST) fail("make directory", path);
}

static void link_to(const char *target, const char *path) {
  if (symlink(target, path)) fail("make link", path);
}

// Makes an empty file to bind a device over. A device the machine lacks, or that may not be opened, is left out.
static void bind_device(int host_dev, const char *name) {
  char source[64], target[64];
  snprintf(source, sizeof source, "/proc/self/fd/%d/%s", host_dev, name);
  snprintf(target, sizeof target, "/dev/%s", name);
  SCOPED_FD file = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0) fail("make file", target);
  if (mount(source, target, NULL, MS_BIND, NULL)) {
    warn("bind device", target);
    unlink(target);
  }
}

static void bind_tun(int host_dev) {
  SCOPED_FD tun = openat(host_dev, "net/tun", O_RDWR | O_CLOEXEC);
  if (tun < 0) return;
  make_directory("/dev/net");
  bind_device(host_dev, "net/tun");
}

// POSIX message queues as files. Only root of the user namespace that owns the IPC namespace may mount them; without it
// mq_open(3) works all the same.
static void mount_mqueue(int foreign_ipc) {
  make_directory("/dev/mqueue");
  if (!mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return;
  if (!foreign_ipc || errno != EPERM) fail("mount", "/dev/mqueue");
  if (rmdir("/dev/mqueue")) fail("remove", "/dev/mqueue");
}

// POSIX shared memory is files, which know of no IPC namespace: nodes that share one are given one directory. It is
// reached through its descriptor, since what has been mounted since may hide its name.
static void mount_shm(int shared) {
  make_directory("/dev/shm");
  if (shared < 0) {
    mount_at("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
    return;
  }
  char source[64];
  snprintf(source, sizeof source, "/proc/self/fd/%d", shared);
  if (mount(source, "/dev/shm", NULL, MS_BIND, NULL)) fail("share", "/dev/shm");
}

static void mount_dev(const struct files *files, int shm) {
  static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
  SCOPED_FD host_dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (host_dev < 0) fail("open", "/dev");
  mount_at("tmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=0755,size=1m");
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) bind_device(host_dev, devices[i]);
  bind_tun(host_dev);
  mount_shm(shm);
  mount_mqueue(files->foreign_ipc);
  make_directory("/dev/pts");
  mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  link_to("pts/ptmx", "/dev/ptmx");
  link_to("/proc/self/fd", "/dev/fd");
  link_to("/proc/self/fd/0", "/dev/stdin");
  link_to("/proc/self/fd/1", "/dev/stdout");
  link_to("/proc/self/fd/2", "/dev/stderr");
}

static void mount_proc(void) {
  if (!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return;
  if (errno != EPERM) fail("mount", "/proc");
  warn_of_machine("mount proc", "/proc");
}

void files_mount(const struct files *files) {
  SCOPED_FD shm = files->shm ? open(files->shm, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (files->shm && shm < 0) fail("open", files->shm);
  umask(0);
  mount_proc();
  mount_at("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755");
  scratch_open();
  mount_at("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
  mount_dev(files, shm);
  umask(022);
  mounts_own("/run"), mounts_own("/tmp"), mounts_own("/dev");
}

void files_bind(int tree, const char *target) {
  if (access(target, F_OK)) warn("bind over", target);
  else if (mounts_attach(tree, target)) fail("bind over", target);
}

// The file lives on the node's own /run, but has no name there.
void files_write(const char *target, const char *content) {
  char path[SCRATCH_PATH];
  scratch_path(".file", path);
  SCOPED_FD fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) fail("write file", target);
  for (size_t left = strlen(content); left > 0;) {
    ssize_t written = write(fd, content, left);
    if (written < 0) fail("write file", target);
    content += written, left -= (size_t)written;
  }
  SCOPED_FD tree = mounts_copy(path);
  if (tree < 0) fail("bind over", target);
  files_bind(tree, target);
  unlink(path);
}

static int equals_but_for_space(const char *a, const char *b) {
  for (;; a++, b++) {
    int ends_a = !a[strspn(a, " \t\n")], ends_b = !b[strspn(b, " \t\n")];
    if (ends_a || ends_b) return ends_a && ends_b;
    if (*a != *b && !(isspace((unsigned char)*a) && isspace((unsigned char)*b))) return 0;
  }
}

// As sysctl(8): what the first separator is, dot or slash, parts the key; the other one is itself in the names of
// interfaces. Only what is below /proc/sys is opened, whatever the key is. Returns -1 with errno.
static int open_sysctl(const char *key, int flags) {
  char path[256];
  if (strlen(key) >= sizeof path) return errno = ENAMETOOLONG, -1;
  int flips = key[strcspn(key, "./")] == '.';
  size_t at = 0;
  for (const char *each = key; *each; each++)
    path[at++] = !flips ? *each : *each == '.' ? '/' : *each == '/' ? '.' : *each;
  path[at] = 0;
  // Of the node's own /proc, and open until the node closes everything.
  static int root = -1;
  if (root < 0 && (root = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int has_value(const char *key, const char *value) {
  char now[256];
  SCOPED_FD fd = open_sysctl(key, O_RDONLY);
  ssize_t length = fd < 0 ? -1 : read(fd, now, sizeof now - 1);
  if (length < 0) return 0;
  now[length] = 0;
  return equals_but_for_space(now, value);
}

// Returns 0, or -1 with errno.
static int write_sysctl(const char *key, const char *value) {
  SCOPED_FD fd = open_sysctl(key, O_WRONLY);
  if (fd >= 0 && write(fd, value, strlen(value)) >= 0) return 0;
  int error = errno;
  if (has_value(key, value)) return 0;
  errno = error;
  return -1;
}

void files_sysctl(const char *key, const char *value) {
  if (write_sysctl(key, value)) fail("write sysctl", key);
}

void files_try_sysctl(const char *key, const char *value) {
  if (!write_sysctl(key, value)) return;
  if (errno != EROFS && errno != EACCES && errno != EPERM && errno != ENOENT) fail("write sysctl", key);
  warn_of_machine("write sysctls", "/proc/sys");
}

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

#include "devices.h"
#include "mounts.h"
#include "report.h"
#include "scope.h"
#include "scratch.h"
#include "temporary.h"

static void mount_at(enum step step, const char *type, const char *target, unsigned long flags, const char *data) {
  if (mount(type, target, type, flags, data)) fail(step, "mount", target);
}

static void make_directory(const char *path) {
  if (mkdir(path, 0755) && errno != EEXIST) fail(STEP_MOUNT_DEV, "make directory", path);
}

static void make_link(const char *target, const char *path) {
  if (symlink(target, path)) fail(STEP_MOUNT_DEV, "make link", path);
}

// Mounts mqueue, which shows POSIX message queues as files. Only root of the user namespace that owns the IPC namespace
// may mount it; without it, mq_open(3) works all the same.
static void mount_mqueue(int foreign_ipc) {
  make_directory("/dev/mqueue");
  if (!mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return;
  if (!foreign_ipc || errno != EPERM) fail(STEP_MOUNT_DEV, "mount", "/dev/mqueue");
  if (rmdir("/dev/mqueue")) fail(STEP_MOUNT_DEV, "remove", "/dev/mqueue");
}

// Mounts /dev/shm. POSIX shared memory is made of files, which belong to no IPC namespace, so nodes that share an IPC
// namespace are given one directory, `shared`; -1 for none.
static void mount_shm(int shared) {
  make_directory("/dev/shm");
  if (shared < 0) mount_at(STEP_MOUNT_SHM, "tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
  else if (mounts_attach(shared, "/dev/shm")) fail(STEP_MOUNT_SHM, "share", "/dev/shm");
}

static void mount_dev(const struct files *files) {
  devices_mount();
  mount_shm(files->shm);
  mount_mqueue(files->foreign_ipc);
  make_directory("/dev/pts");
  mount_at(STEP_MOUNT_DEV, "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  make_link("pts/ptmx", "/dev/ptmx");
  make_link("/proc/self/fd", "/dev/fd");
  make_link("/proc/self/fd/0", "/dev/stdin");
  make_link("/proc/self/fd/1", "/dev/stdout");
  make_link("/proc/self/fd/2", "/dev/stderr");
}

static void mount_proc(void) {
  if (!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return;
  if (errno != EPERM) fail(STEP_MOUNT_PROC, "mount", "/proc");
  warn_of_machine(STEP_MOUNT_PROC, "mount proc", "/proc");
}

void files_mount(const struct files *files) {
  umask(0);
  mount_proc();
  scratch_open();
  temporary_mount();
  mount_dev(files);
  umask(022);
  mounts_own("/run"), mounts_own("/dev");
}

// Whether two values differ in white space alone, as `4096 87380` and what the kernel makes of it, `4096\t87380\n`.
static int equals_but_for_space(const char *a, const char *b) {
  for (;; a++, b++) {
    int ends_a = !a[strspn(a, " \t\n")], ends_b = !b[strspn(b, " \t\n")];
    if (ends_a || ends_b) return ends_a && ends_b;
    if (*a != *b && !(isspace((unsigned char)*a) && isspace((unsigned char)*b))) return 0;
  }
}

// Opens the file of a sysctl, or returns -1 with errno. As in sysctl(8), the first separator in the key, a dot or a
// slash, is the one that parts the names; the other one then stands for a dot inside a name, such as that of an
// interface. The kernel is asked to open nothing outside /proc/sys, whatever the key is.
static int open_sysctl(const char *key, int flags) {
  char path[256];
  if (strlen(key) >= sizeof path) return errno = ENAMETOOLONG, -1;
  int flips = key[strcspn(key, "./")] == '.';
  size_t at = 0;
  for (const char *each = key; *each; each++)
    path[at++] = !flips ? *each : *each == '.' ? '/' : *each == '/' ? '.' : *each;
  path[at] = 0;
  // Opened at the first sysctl, and closed with all other descriptors when the node is set up.
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

// Writes a sysctl, unless it has that value already. Returns 0, or -1 with errno.
static int write_sysctl(const char *key, const char *value) {
  SCOPED_FD fd = open_sysctl(key, O_WRONLY);
  if (fd >= 0 && write(fd, value, strlen(value)) >= 0) return 0;
  int error = errno;
  if (has_value(key, value)) return 0;
  errno = error;
  return -1;
}

void files_sysctl(const char *key, const char *value) {
  if (write_sysctl(key, value)) fail(STEP_WRITE_SYSCTL, "write sysctl", key);
}

void files_try_sysctl(const char *key, const char *value) {
  if (!write_sysctl(key, value)) return;
  if (errno != EROFS && errno != EACCES && errno != EPERM && errno != ENOENT)
    fail(STEP_WRITE_SYSCTL, "write sysctl", key);
  warn_of_machine(STEP_WRITE_SYSCTL, "write sysctls", "/proc/sys");
}

#define _GNU_SOURCE
#include "below.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices.h"
#include "mounts.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "temporary.h"

static int machine = -1, covered = -1;

static int open_mount_namespace(void) {
  int fd = proc_open("/proc/self/ns/mnt", O_RDONLY);
  if (fd < 0) fail(STEP_OPEN_NAMESPACE, "open", "/proc/self/ns/mnt");
  return fd;
}

// Covers /run and the directories of everybody with one empty directory.
static void cover_with_nothing(void) {
  const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
  if (mount("tmpfs", "/run", "tmpfs", flags, "mode=0755,size=4k")) fail(STEP_MOUNT_RUN, "cover", "/run");
  temporary_cover("/run");
}

// Makes a procfs of a PID namespace whose only process ends at once, as root of a new user namespace: to that one, the
// kernel shows no more of /proc than to a node. Returns a descriptor of the mount, or -1 where it is refused.
static int make_empty_proc(void) {
  int status;
  // The two processes share their descriptors, and the status of the one that ends is the number of a descriptor.
  pid_t pid = clone_process(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_FILES, -1);
  if (pid < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces for", "an empty /proc");
  if (pid == 0) {
    int procfs = mounts_make_proc();
    if (procfs < 0 && errno != EPERM) fail(STEP_MOUNT_PROC, "make", "an empty /proc");
    _exit(procfs < 0 ? 0 : procfs);
  }
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) fail(STEP_WAIT_FOR_CHILD, "wait for", "an empty /proc");
  if (WIFSIGNALED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "go on, since a signal killed a process of", "the lab");
  if (WEXITSTATUS(status) == STATUS_FAILED) _exit(STATUS_FAILED);
  return WEXITSTATUS(status) ? WEXITSTATUS(status) : -1;
}

void below_make(void) {
  machine = open_mount_namespace();
  SCOPED_FD empty_proc = make_empty_proc();
  if (unshare(CLONE_NEWNS)) fail(STEP_CREATE_NAMESPACES, "create", "the mount namespace that nodes are copied from");
  devices_mount_below();
  cover_with_nothing();
  if (empty_proc >= 0 && mounts_attach(empty_proc, "/proc")) fail(STEP_MOUNT_PROC, "cover", "/proc");
  covered = open_mount_namespace();
  below_leave();
}

static void join(int namespace) {
  if (setns(namespace, CLONE_NEWNS)) fail(STEP_JOIN_NAMESPACES, "join", "a mount namespace of the lab");
}

void below_enter(void) { join(covered); }

void below_leave(void) { join(machine); }

#define _GNU_SOURCE
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "below.h"
#include "cgroup.h"
#include "mounts.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "time_namespace.h"

int share_clone_flags(const struct node *node) {
  return node->makes & ~CLONE_NEWTIME & ~(node->cgroup ? CLONE_NEWCGROUP : 0);
}

// Mounts the tmpfs that is the /dev/shm of nodes with a shared IPC namespace, unless that is done. It is mounted in the
// keeper's mount namespace, so it is seen by nodes that are made later and by nobody else, and ends with the keeper.
static void mount_shm(const char *path) {
  char above[4096];
  struct stat own, parent;
  snprintf(above, sizeof above, "%s/..", path);
  if (stat(path, &own) || stat(above, &parent)) fail(STEP_MOUNT_SHM, "find", path);
  if (own.st_dev != parent.st_dev) return;
  if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")) fail(STEP_MOUNT_SHM, "mount", path);
}

int share_open_shm(const struct node *node) {
  if (node->shared & CLONE_NEWIPC) mount_shm(node->shm);
  int tree = mounts_copy(node->shm);
  if (tree < 0) fail(STEP_MOUNT_SHM, "open", node->shm);
  return tree;
}

void share_running(struct shared_namespaces *shared, struct spec *spec) {
  const char *word = spec_next(spec), *kind = spec_argument(spec, word);
  pid_t pid = (pid_t)spec_number(spec_argument(spec, word), word, 1, INT_MAX);
  unsigned long long started = strtoull(spec_argument(spec, word), NULL, 10);
  int flag = namespaces_kind(kind);
  if (!flag) fail_with(STEP_READ_SPEC, EINVAL, "find the namespace kind", kind);
  for (int i = 0; i < NAMESPACE_KINDS; i++)
    if (namespaces_at(i) == flag) shared->fds[i] = namespaces_open(pid, i);
  // Checked once the namespace is open: before, the PID might have been given to another process.
  if (proc_start_time(pid, "a node that shares namespaces") != started)
    fail_with(STEP_FIND_PROCESS, ESRCH, "find", "a node that shares namespaces");
}

static void open_user_of(struct node *node) {
  struct stat own, owner;
  SCOPED_FD user = ioctl(node->kept_net, NS_GET_USERNS);
  if (user < 0) fail(STEP_OPEN_NAMESPACE, "open the user namespace that owns the network of", node->name);
  if (fstat(user, &owner) || proc_stat("/proc/self/ns/user", &own))
    fail(STEP_OPEN_NAMESPACE, "examine the user namespace of", node->name);
  node->kept_user = own.st_ino == owner.st_ino ? 0 : fcntl(user, F_DUPFD_CLOEXEC, 3);
  if (node->kept_user < 0) fail(STEP_OPEN_NAMESPACE, "open the user namespace of", node->name);
}

void share_open_kept(struct node *node, pid_t keeper) {
  char path[64];
  if (!node->kept) return;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)keeper, node->kept);
  node->kept_net = proc_open(path, O_RDONLY);
  if (node->kept_net < 0) fail(STEP_OPEN_NAMESPACE, "open", path);
  open_user_of(node);
}

void share_close_kept(struct node *node) {
  if (node->kept_net > 0) close(node->kept_net);
  if (node->kept_user > 0) close(node->kept_user);
}

// Joins the namespaces that the node keeps or shares and that exist, but the mount namespace: the node does that itself, once it
// is root. The user namespace comes last, since within it the process may have no right to join the others.
static void join(const struct shared_namespaces *shared, const struct node *node) {
  int user = node->kept_user;
  if (node->kept_net && setns(node->kept_net, CLONE_NEWNET))
    fail(STEP_JOIN_NAMESPACES, "join the network namespace of", node->name);
  for (int i = 0; i < NAMESPACE_KINDS; i++) {
    int kind = namespaces_at(i);
    if (!(node->shared & kind) || !shared->fds[i] || kind == CLONE_NEWNS) continue;
    if (kind == CLONE_NEWUSER) user = shared->fds[i];
    else if (setns(shared->fds[i], kind)) fail(STEP_JOIN_NAMESPACES, "join the namespaces of", node->name);
  }
  if (user) hide_memory();  // the specs of other nodes are in it
  if (user && setns(user, CLONE_NEWUSER)) fail(STEP_JOIN_NAMESPACES, "join the user namespace of", node->name);
}

// Makes shared namespaces as the caller, so that they belong to the caller's user namespace: nodes with user namespaces
// of their own share them, and none of these nodes may be the only one with rights over them.
static void make_as_caller(const struct node *node, int kinds) {
  if (kinds & CLONE_NEWTIME) time_namespace_make(node->time_offsets, node->time_offset_count);
  if (unshare(kinds & ~CLONE_NEWTIME)) fail(STEP_CREATE_NAMESPACES, "create namespaces", node->name);
  if (kinds & CLONE_NEWUTS) node_set_names(node);
}

// A process cannot leave a user namespace that it has joined. So a helper process joins the namespaces and clones the
// node's first process as a sibling of its own (CLONE_PARENT), which makes that a child of the caller.
pid_t share_clone(const struct shared_namespaces *shared, struct node *node, int cgroups, int cgroup) {
  int missing = 0, answer[2];
  for (int i = 0; i < NAMESPACE_KINDS; i++) {
    int kind = namespaces_at(i) & node->shared;
    if (kind && !shared->fds[i]) missing |= kind;
    if (kind == CLONE_NEWNS) node->mount_namespace = shared->fds[i];
  }
  int made_as_caller = node->has_own_user ? missing : 0;
  node->makes = node->own | (missing & ~made_as_caller);
  if (pipe2(answer, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  pid_t helper = clone_process(0, -1);
  if (helper < 0) fail(STEP_FORK, "fork", node->name);
  if (helper == 0) {
    if (cgroup >= 0) cgroup_add(cgroups, node->cgroup, cgroup, 0);
    below_enter();  // before it joins a user namespace, in which it has no right to
    join(shared, node);
    if (made_as_caller) make_as_caller(node, made_as_caller);
    pid_t pid = clone_process((unsigned)share_clone_flags(node) | CLONE_PARENT, -1);
    if (pid == 0) return 0;
    if (pid < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces", node->name);
    if (write(answer[1], &pid, sizeof pid) != sizeof pid) fail(STEP_WRITE_REPORT, "report the process of", node->name);
    _exit(0);
  }
  close(answer[1]);
  SCOPED_FD from = answer[0];
  pid_t pid;
  if (read(from, &pid, sizeof pid) != sizeof pid) give_up(helper, node->name);
  while (waitpid(helper, NULL, 0) < 0 && errno == EINTR) {}
  return pid;
}

void share_remember(struct shared_namespaces *shared, const struct node *node, pid_t pid) {
  for (int i = 0; i < NAMESPACE_KINDS; i++)
    if ((node->shared & namespaces_at(i)) && !shared->fds[i]) shared->fds[i] = namespaces_open(pid, i);
}

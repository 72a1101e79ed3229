#define _GNU_SOURCE
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "time_namespace.h"

int share_clone_flags(const struct node *node) {
  return node->makes & ~CLONE_NEWTIME & ~(node->cgroup ? CLONE_NEWCGROUP : 0);
}

// The /dev/shm of nodes that share an IPC namespace. It is mounted in the keeper's mount namespace, where nobody but nodes
// made later sees it, and goes with it.
static void make_shm(const char *path) {
  char above[4096];
  struct stat own, parent;
  snprintf(above, sizeof above, "%s/..", path);
  if (stat(path, &own) || stat(above, &parent)) fail(STEP_MOUNT_SHM, "find", path);
  if (own.st_dev != parent.st_dev) return;
  if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")) fail(STEP_MOUNT_SHM, "mount", path);
}

// The user namespace comes last: from within it, the others may be out of reach.
static void join(const struct pool *pool, const struct node *node) {
  int user = 0;
  for (int i = 0; i < NAMESPACE_KINDS; i++) {
    int kind = namespaces_at(i);
    if (!(node->shared & kind) || !pool->fds[i] || kind == CLONE_NEWNS) continue;
    if (kind == CLONE_NEWUSER) user = pool->fds[i];
    else if (setns(pool->fds[i], kind)) fail(STEP_JOIN_NAMESPACES, "join the namespaces of", node->name);
  }
  if (user && setns(user, CLONE_NEWUSER)) fail(STEP_JOIN_NAMESPACES, "join the user namespace of", node->name);
}

// What nodes with user namespaces of their own share belongs to none of these.
static void make_for_all(const struct node *node, int kinds) {
  if (kinds & CLONE_NEWTIME) time_namespace_make(node->time_offsets, node->time_offset_count);
  if (unshare(kinds & ~CLONE_NEWTIME)) fail(STEP_CREATE_NAMESPACES, "create namespaces", node->name);
  if (kinds & CLONE_NEWUTS) node_set_names(node);
}

// Joining a user namespace cannot be undone, so a process of its own does it, and leaves the node as its sibling.
pid_t share_clone(const struct pool *pool, struct node *node, int cgroup) {
  int missing = 0, answer[2];
  for (int i = 0; i < NAMESPACE_KINDS; i++) {
    int kind = namespaces_at(i) & node->shared;
    if (kind && !pool->fds[i]) missing |= kind;
    if (kind == CLONE_NEWNS) node->mount_namespace = pool->fds[i];
  }
  int for_all = node->own & CLONE_NEWUSER ? missing : 0;
  node->makes = node->own | (missing & ~for_all);
  if (node->shm && (node->shared & CLONE_NEWIPC)) make_shm(node->shm);
  if (pipe2(answer, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  pid_t helper = clone_process(0, -1);
  if (helper < 0) fail(STEP_FORK, "fork", node->name);
  if (helper == 0) {
    if (cgroup >= 0) cgroup_add(cgroup, 0);
    join(pool, node);
    if (for_all) make_for_all(node, for_all);
    pid_t pid = clone_process((unsigned)share_clone_flags(node) | CLONE_PARENT, -1);
    if (pid == 0) return 0;
    if (pid < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces", node->name);
    _exit(write(answer[1], &pid, sizeof pid) == sizeof pid ? 0 : STATUS_FAILED);
  }
  close(answer[1]);
  SCOPED_FD from = answer[0];
  pid_t pid;
  while (waitpid(helper, NULL, 0) < 0 && errno == EINTR) {}
  // When it failed, it has said why.
  if (read(from, &pid, sizeof pid) != sizeof pid) _exit(STATUS_FAILED);
  return pid;
}

void share_learn(struct pool *pool, const struct node *node, pid_t pid) {
  for (int i = 0; i < NAMESPACE_KINDS; i++)
    if ((node->shared & namespaces_at(i)) && !pool->fds[i]) pool->fds[i] = namespaces_open(pid, i);
}

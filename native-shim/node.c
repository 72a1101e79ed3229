#define _GNU_SOURCE
#include "node.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "files.h"
#include "namespaces.h"
#include "process.h"
#include "report.h"
#include "time_namespace.h"

enum {
  DEFAULT_NAMESPACES = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
                       CLONE_NEWCGROUP,
  KEPT_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNET,
};

static void add_line(const char **lines, int *count, int most, const char *word, const char *line) {
  if (*count == most) fail_with(STEP_READ_SPEC, E2BIG, "read one more", word);
  lines[(*count)++] = line;
}

static void choose_namespace(struct node *node, const char *kind, const char *choice) {
  int flag = namespaces_kind(kind);
  if (!flag) fail_with(STEP_READ_SPEC, EINVAL, "find the namespace kind", kind);
  node->own &= ~flag, node->shared &= ~flag;
  if (!strcmp(choice, "own")) node->own |= flag;
  else if (!strcmp(choice, "shared")) node->shared |= flag;
  else if (strcmp(choice, "host")) fail_with(STEP_READ_SPEC, EINVAL, "understand the choice", choice);
}

// When `word` is the word of a setting, reads its arguments, sets it and returns 1; else returns 0.
static int read_setting(struct node *node, struct spec *spec, const char *word) {
  if (!strcmp(word, "title")) node->title = spec_argument(spec, word);
  else if (!strcmp(word, "hostname")) node->hostname = spec_argument(spec, word);
  else if (!strcmp(word, "domainname")) node->domainname = spec_argument(spec, word);
  else if (!strcmp(word, "netns")) node->netns_name = spec_argument(spec, word);
  else if (!strcmp(word, "cgroup")) node->cgroup = spec_argument(spec, word);
  else if (!strcmp(word, "shm")) node->shm = spec_argument(spec, word);
  else if (!strcmp(word, "uidmap"))
    add_line(node->uid_maps, &node->uid_map_count, MAPS_MAX, word, spec_argument(spec, word));
  else if (!strcmp(word, "gidmap"))
    add_line(node->gid_maps, &node->gid_map_count, MAPS_MAX, word, spec_argument(spec, word));
  else if (!strcmp(word, "time"))
    add_line(node->time_offsets, &node->time_offset_count, TIME_OFFSETS_MAX, word, spec_argument(spec, word));
  else if (!strcmp(word, "namespace")) {
    const char *kind = spec_argument(spec, word);
    choose_namespace(node, kind, spec_argument(spec, word));
  }
  else if (!strcmp(word, "keep")) node->kept = (int)spec_number(spec_argument(spec, word), word, 1, INT_MAX);
  else if (!strcmp(word, "setgroups")) node->deny_setgroups = !strcmp(spec_argument(spec, word), "deny");
  else return 0;
  return 1;
}

int node_read(struct spec *spec, struct node *node, struct operations *operations) {
  const char *word = spec_next(spec);
  if (!word) return 0;
  if (strcmp(word, "node")) fail_with(STEP_READ_SPEC, EBADMSG, "read a node at the word", word);
  *node = (struct node){.name = spec_argument(spec, word), .own = DEFAULT_NAMESPACES, .shm_tree = -1};
  operations_clear(operations);
  while (strcmp(word = spec_argument(spec, node->name), "end"))
    if (!operations_read(operations, spec, word) && !read_setting(node, spec, word))
      fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
  node->has_own_user = (node->own & CLONE_NEWUSER) != 0;
  if (node->kept) node->own &= ~KEPT_NAMESPACES, node->shared &= ~KEPT_NAMESPACES;
  node->makes = node->own;
  return 1;
}

void node_set_names(const struct node *node) {
  if (node->hostname && sethostname(node->hostname, strlen(node->hostname)))
    fail(STEP_SET_HOSTNAME, "set hostname", node->hostname);
  if (node->domainname && setdomainname(node->domainname, strlen(node->domainname)))
    fail(STEP_SET_DOMAIN_NAME, "set domain name", node->domainname);
}

static void wait_until_mapped(int go) {
  char byte;
  if (read(go, &byte, 1) != 1) _exit(STATUS_FAILED);  // the process that writes the maps has ended
}

// Only PID 1 passes SIGTERM on: of nodes that share a PID namespace, the others would send it to each other for ever.
static void forward_termination(int number) {
  if (getpid() == 1) kill(-1, number);
}

// The rest of the first process's life: it reaps orphans and passes SIGTERM on to all other processes of the node.
static _Noreturn void init_main(void) {
  struct sigaction terminate = {.sa_handler = forward_termination, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &terminate, NULL);
  // While SIGCHLD is ignored, the kernel itself reaps children.
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}

static void set_up_mounts(const struct node *node, const struct operations *operations) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(STEP_MAKE_MOUNTS_PRIVATE, "make mounts private", "/");
  files_mount(&(struct files){.shm = node->shm_tree, .foreign_ipc = !(node->own & CLONE_NEWIPC)});
  operations_run(operations, PHASE_CONTENTS);
}

// Joins the mount namespace of an earlier node, which has mounted everything there already.
static void join_mounts(const struct node *node) {
  if (setns(node->mount_namespace, CLONE_NEWNS)) fail(STEP_JOIN_NAMESPACES, "join the mount namespace of", node->name);
}

void node_main(struct node *node, struct operations *operations, struct spec *spec, int go, int done) {
  report_about(node->name);
  wait_until_mapped(go);
  // The process is in its cgroup by now, and that cgroup becomes the root of the namespace.
  if (node->cgroup && (node->makes & CLONE_NEWCGROUP) && unshare(CLONE_NEWCGROUP))
    fail(STEP_CREATE_CGROUP_NAMESPACE, "create cgroup namespace", node->name);
  // Before become_root: afterwards /proc/self belongs to the machine's root, and timens_offsets could not be written.
  if (node->makes & CLONE_NEWTIME) time_namespace_make(node->time_offsets, node->time_offset_count);
  // With setgroups denied there is one id only, root's, which this process has already.
  if (!node->deny_setgroups) become_root(node->name);
  if (node->mount_namespace) join_mounts(node);
  else set_up_mounts(node, operations);
  operations_run(operations, PHASE_SYSCTLS);
  if (node->makes & CLONE_NEWUTS) node_set_names(node);

  // As memory is that was never hidden (share.c): the user who made the lab can then join the node's namespaces.
  if ((node->shared & CLONE_NEWUSER) || node->kept_user) show_memory();

  char title[160];
  snprintf(title, sizeof title, "%s", node->title ? node->title : node->name);
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "change directory", "/");
  setsid();
  // From here on, everything that was needed for the set-up is given back. The texts of `node` are in the spec.
  int kept[] = {done, report_fd()};
  keep_only(kept, 2);
  if (write(done, "", 1) != 1) fail(STEP_WRITE_REPORT, "say that the node is ready", node->name);
  for (int i = 0; i < 2; i++)
    if (kept[i] >= 0) close(kept[i]);
  report_to(-1);
  set_title(title);
  operations_free(operations);
  spec_free(spec);
  init_main();
}

#define _GNU_SOURCE
#include "node.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contents.h"
#include "files.h"
#include "namespaces.h"
#include "process.h"
#include "report.h"
#include "time_namespace.h"

enum {
  DEFAULT_NAMESPACES = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
                       CLONE_NEWCGROUP,
};

static void add_line(const char **lines, int *count, int most, const char *word, const char *line) {
  if (*count == most) fail_with(STEP_READ_SPEC, E2BIG, "read one more", word);
  lines[(*count)++] = line;
}

enum { ARGUMENTS_MAX = 4 };

static int arguments_of(const char *word) {
  static const struct {
    const char *word;
    int count;
  } longer[] = {{"namespace", 2}, {"sysctl", 2}, {"try-sysctl", 2}, {"bind", 2}, {"file", 2},
                {"tmpfs", 2},     {"mount", 3},  {"write", 4}};
  for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
    if (!strcmp(word, longer[i].word)) return longer[i].count;
  return 1;
}

static void choose(struct node *node, const char *kind, const char *choice) {
  int flag = namespaces_kind(kind);
  if (!flag) fail_with(STEP_READ_SPEC, EINVAL, "find the namespace kind", kind);
  node->own &= ~flag, node->shared &= ~flag;
  if (!strcmp(choice, "own")) node->own |= flag;
  else if (!strcmp(choice, "shared")) node->shared |= flag;
  else if (strcmp(choice, "host")) fail_with(STEP_READ_SPEC, EINVAL, "understand the choice", choice);
}

int node_read(struct spec *spec, struct node *node) {
  const char *word = spec_next(spec);
  if (!word) return 0;
  if (strcmp(word, "node")) fail_with(STEP_READ_SPEC, EBADMSG, "read a node at the word", word);
  *node = (struct node){.name = spec_argument(spec, word), .words = spec->at,
                        .own = DEFAULT_NAMESPACES};
  while ((word = spec_argument(spec, node->name)) && strcmp(word, "end")) {
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
      choose(node, kind, spec_argument(spec, word));
    }
    else if (!strcmp(word, "setgroups")) node->deny_setgroups = !strcmp(spec_argument(spec, word), "deny");
    else if (arguments_of(word) > 1)
      for (int i = arguments_of(word); i > 0; i--) spec_argument(spec, word);
    else fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
  }
  node->makes = node->own;
  return 1;
}

void node_set_names(const struct node *node) {
  if (node->hostname && sethostname(node->hostname, strlen(node->hostname))) fail(STEP_SET_HOSTNAME, "set hostname", node->hostname);
  if (node->domainname && setdomainname(node->domainname, strlen(node->domainname)))
    fail(STEP_SET_DOMAIN_NAME, "set domain name", node->domainname);
}

// What is done at a word, with its arguments; the last of an array has no word.
struct handler {
  const char *word;
  void (*act)(struct node *, const char *const *);
};

// Acts on the words of the node's part of the spec that have a handler, in their order.
static void each_word(struct node *node, struct spec *spec, const struct handler *handlers) {
  spec->at = node->words;
  for (const char *word; (word = spec_next(spec)) && strcmp(word, "end");) {
    const char *arguments[ARGUMENTS_MAX] = {NULL};
    for (int i = 0; i < arguments_of(word); i++) arguments[i] = spec_next(spec);
    for (const struct handler *each = handlers; each->word; each++)
      if (!strcmp(word, each->word)) each->act(node, arguments);
  }
}

static void keep_tree(struct node *node, const char *const *arguments) {
  if (node->tree_count == TREES_MAX) fail_with(STEP_COPY_MOUNT, E2BIG, "mount one more in", node->name);
  node->trees[node->tree_count++] = contents_open(arguments[0]);
}

// In the order in which they will be attached, whatever that of the words is.
void node_open_trees(struct node *node, struct spec *spec) {
  each_word(node, spec, (struct handler[]){{"mount", keep_tree}, {NULL, NULL}});
  each_word(node, spec, (struct handler[]){{"bind", keep_tree}, {NULL, NULL}});
}

void node_close_trees(const struct node *node) {
  for (int i = 0; i < node->tree_count; i++) close(node->trees[i]);
}

static int next_tree(struct node *node) { return node->trees[node->trees_attached++]; }

static void do_mount(struct node *node, const char *const *arguments) {
  contents_mount(next_tree(node), arguments[1], !strcmp(arguments[2], "ro"));
}

static void do_tmpfs(struct node *node, const char *const *arguments) {
  (void)node;
  contents_tmpfs(arguments[0], arguments[1]);
}

static void do_write(struct node *node, const char *const *arguments) {
  (void)node;
  contents_write(arguments[0], arguments[1], arguments[2], arguments[3]);
}

static void do_bind(struct node *node, const char *const *arguments) { files_bind(next_tree(node), arguments[1]); }

static void do_file(struct node *node, const char *const *arguments) {
  (void)node;
  files_write(arguments[0], arguments[1]);
}

static void do_sysctl(struct node *node, const char *const *arguments) {
  (void)node;
  files_sysctl(arguments[0], arguments[1]);
}

static void do_try_sysctl(struct node *node, const char *const *arguments) {
  (void)node;
  files_try_sysctl(arguments[0], arguments[1]);
}

static void wait_for(int go) {
  char byte;
  if (read(go, &byte, 1) != 1) _exit(STATUS_FAILED);  // the creator is gone
}

// In a shared PID namespace, only the one that is PID 1 does; others would pass it back and forth for ever.
static void forward_termination(int number) {
  if (getpid() == 1) kill(-1, number);
}

// PID 1: reaps whatever is orphaned, passes SIGTERM on to all others, and nothing else.
static _Noreturn void init_main(void) {
  struct sigaction terminate = {.sa_handler = forward_termination, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &terminate, NULL);
  // Ignored, children are reaped by the kernel itself.
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}

static void mount_files(struct node *node, struct spec *spec) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(STEP_MAKE_MOUNTS_PRIVATE, "make mounts private", "/");
  files_mount(&(struct files){.shm = node->shm, .foreign_ipc = !(node->own & CLONE_NEWIPC)});
  each_word(node, spec,
            (struct handler[]){{"mount", do_mount}, {"tmpfs", do_tmpfs}, {"write", do_write}, {NULL, NULL}});
  // Last, since an overlay would hide them.
  each_word(node, spec, (struct handler[]){{"bind", do_bind}, {"file", do_file}, {NULL, NULL}});
}

// What the first of the nodes that share it has mounted is there already.
static void join_files(const struct node *node) {
  if (setns(node->mount_namespace, CLONE_NEWNS)) fail(STEP_JOIN_NAMESPACES, "join the mount namespace of", node->name);
}

void node_main(struct node *node, struct spec *spec, int go, int done) {
  report_about(node->name);
  wait_for(go);
  // By now it is in its cgroup, which becomes the root of what it sees.
  if (node->cgroup && (node->makes & CLONE_NEWCGROUP) && unshare(CLONE_NEWCGROUP))
    fail(STEP_CREATE_CGROUP_NAMESPACE, "create cgroup namespace", node->name);
  // Before it becomes another user: the kernel then gives /proc/self to the machine's root.
  if (node->makes & CLONE_NEWTIME) time_namespace_make(node->time_offsets, node->time_offset_count);
  if (!node->deny_setgroups) become_root(node->name);  // else with one id only: it is this process's already
  if (node->mount_namespace) join_files(node);
  else mount_files(node, spec);
  // In one go: writing some of them sets others.
  each_word(node, spec, (struct handler[]){{"sysctl", do_sysctl}, {"try-sysctl", do_try_sysctl}, {NULL, NULL}});
  if (node->makes & CLONE_NEWUTS) node_set_names(node);

  char title[160];
  snprintf(title, sizeof title, "%s", node->title ? node->title : node->name);
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "change directory", "/");
  setsid();
  if (write(done, "", 1) != 1) _exit(STATUS_FAILED);
  report_to(-1);
  keep_only(NULL, 0);
  set_title(title);
  spec_free(spec);
  init_main();
}

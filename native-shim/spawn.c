// The verb `spawn`: makes nodes in a lab, as children of its keeper, and reports the PID and the network namespace of
// each.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "below.h"
#include "cgroup.h"
#include "child.h"
#include "keeper_message.h"
#include "keyring.h"
#include "namespaces.h"
#include "node.h"
#include "priority.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "share.h"
#include "verbs.h"

enum {
  // Nodes that are being set up at once. With two, one mounts on a second processor while the next is cloned.
  WINDOW = 2,
  // Messages to the keeper that are not answered yet. The kernel counts their descriptors as open files of the sender.
  UNANSWERED_MAX = 16,
};

// A node that is being made.
struct new_node {
  struct node node;
  pid_t pid;    // of its first process, in the caller's PID namespace
  pid_t child;  // the same in the lab's PID namespace, where this program runs
  int done;     // gives a byte once the node is set up
};

// A node that the keeper is given to hold.
struct handed {
  const char *name;
  int kept;  // the number of its network namespace, which the keeper holds already; 0 for a new one
  ino_t inode;
  pid_t child;  // its first process, in the lab's PID namespace
};

// Nodes that the keeper is given to hold. It answers each message, in their order.
struct handover {
  int keeper;                           // the caller's end of the keeper's socket
  struct handed nodes[UNANSWERED_MAX];  // a ring: those that are not answered for
  unsigned sent, answered;
};

// What all nodes of a call have in common.
struct site {
  pid_t keeper;
  int cgroups;  // the directory that their cgroups are made in; -1 for none
  struct shared_namespaces shared;
  struct handover handover;
};

static void write_maps(const struct new_node *new_node) {
  static const char *const deny = "deny";
  const struct node *node = &new_node->node;
  if (node->deny_setgroups) proc_write_lines(new_node->pid, "setgroups", &deny, 1);
  proc_write_lines(new_node->pid, "uid_map", node->uid_maps, node->uid_map_count);
  proc_write_lines(new_node->pid, "gid_map", node->gid_maps, node->gid_map_count);
}

static pid_t clone_below(const struct node *node, int cgroup) {
  below_enter();
  pid_t pid = clone_process((unsigned)share_clone_flags(node), cgroup);
  int error = errno;
  if (pid != 0) below_leave();
  errno = error;
  return pid;
}

// Clones the first process of a node that shares no namespaces. Where that cannot be in the cgroup, the node is made
// without one. Returns as fork(2) does.
static pid_t clone_node(struct node *node, int cgroups, int cgroup) {
  int is_version_2 = cgroup_is_version_2(cgroup);
  pid_t pid = clone_below(node, is_version_2 ? cgroup : -1);
  if (pid < 0 && is_version_2 && cgroup_is_refused()) {
    cgroup_leave_out(cgroups, node->cgroup, cgroup);
    node->cgroup = NULL;
    return clone_below(node, -1);
  }
  if (pid > 0 && cgroup >= 0 && !is_version_2) cgroup_add(cgroups, node->cgroup, cgroup, pid);
  return pid;
}

// Ends nodes that the keeper may not have taken: they would not end with its session.
static void end_unanswered(const struct handover *handover, unsigned first) {
  for (unsigned i = first; i < handover->sent; i++) kill(handover->nodes[i % UNANSWERED_MAX].child, SIGKILL);
}

// Waits for the keeper's next answer, the number that a network namespace's descriptor has in the keeper, and reports
// it.
static void receive_number(struct handover *handover) {
  char answer[16] = "", name[512];
  const struct handed *node = &handover->nodes[handover->answered++ % UNANSWERED_MAX];
  report_about(node->name);
  ssize_t length = recv(handover->keeper, answer, sizeof answer - 1, 0);
  // At the end of file, the keeper has ended.
  if (length <= 0) fail_with(STEP_HAND_OVER_NAMESPACE, length < 0 ? errno : EPIPE, "hand a namespace to", "keeper");
  int number = atoi(answer);
  if (number < 0 || (number == 0 && !node->kept)) {
    end_unanswered(handover, handover->answered - 1);
    fail_with(STEP_HAND_OVER_NAMESPACE, EMFILE, "hand a namespace to", "keeper");
  }
  report_line("{\"held\":{\"name\":%s,\"netnsFd\":%d,\"inode\":%llu}}", json_string(node->name, name, sizeof name),
              node->kept ? node->kept : number, (unsigned long long)node->inode);
}

// Sends the keeper descriptors of a node's network namespace and of its process to hold, and the name that the namespace gets in
// /run/netns, if any. Of a network that the node keeps, the keeper has a descriptor.
static void hand_over(struct handover *handover, const struct new_node *new_node, int pidfd) {
  if (handover->sent - handover->answered == UNANSWERED_MAX) receive_number(handover);
  const struct node *node = &new_node->node;
  report_about(node->name);
  char path[64], text[MESSAGE_TEXT];
  struct stat now;
  snprintf(path, sizeof path, "/proc/%d/ns/net", (int)new_node->pid);
  SCOPED_FD netns = proc_open(path, O_RDONLY);
  if (netns < 0 || fstat(netns, &now)) fail(STEP_OPEN_NAMESPACE, "open", path);
  int fds[] = {netns, pidfd}, length = (int)strlen(strcpy(text, "hold"));
  if (node->netns_name) length = snprintf(text, sizeof text, "hold %s", node->netns_name);
  if (length >= (int)sizeof text) fail_with(STEP_HAND_OVER_NAMESPACE, ENAMETOOLONG, "name a namespace", node->netns_name);
  if (node->kept ? message_send(handover->keeper, "process", fds + 1, 1, 0) : message_send(handover->keeper, text, fds, 2, 0))
    fail(STEP_HAND_OVER_NAMESPACE, "hand a namespace to", "keeper");
  handover->nodes[handover->sent++ % UNANSWERED_MAX] =
      (struct handed){node->name, node->kept, now.st_ino, new_node->child};
}

// Clones a node's first process and writes its id maps. The process sets the node up from then on.
static void begin_node(struct new_node *new_node, struct operations *operations, struct spec *spec, struct site *site) {
  int go[2], done[2];
  struct node *node = &new_node->node;
  report_about(node->name);
  SCOPED_FD cgroup = node->cgroup && site->cgroups >= 0 ? cgroup_open_in(site->cgroups, node->cgroup) : -1;
  if (cgroup < 0) node->cgroup = NULL;
  operations_copy_sources(operations, node->name);
  SCOPED_FD shm = node->shm ? share_open_shm(node) : -1;
  node->shm_tree = shm;
  share_open_kept(node, site->keeper);
  if (pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  new_node->child = node->shared || node->kept ? share_clone(&site->shared, node, site->cgroups, cgroup)
                                               : clone_node(node, site->cgroups, cgroup);
  if (new_node->child < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces", node->name);
  if (new_node->child == 0) {
    close(go[1]), close(done[0]);
    close(site->handover.keeper);  // the keeper must see the end of the caller while the node is set up
    node_main(node, operations, spec, go[0], done[1]);
  }
  close(go[0]), close(done[1]);
  operations_close_sources(operations);
  share_close_kept(node);
  SCOPED_FD pidfd = open_pidfd(new_node->child);
  new_node->pid = pidfd < 0 ? -1 : proc_pid_of(pidfd), new_node->done = done[0];
  if (new_node->pid < 0) fail(STEP_FIND_PROCESS, "find the PID of", node->name);
  // Before the node is told to go on: until then, it ends with this process, and from then on with the keeper's session.
  hand_over(&site->handover, new_node, pidfd);
  if (node->makes & CLONE_NEWUSER) write_maps(new_node);
  int is_told = write(go[1], "", 1) == 1;
  close(go[1]);
  if (!is_told) give_up(new_node->child, new_node->node.name);
}

// Waits until a node is set up, and reports it, once the keeper has taken it.
static void finish_node(struct new_node *new_node, unsigned at, struct handover *handover) {
  char byte, name[512];
  while (handover->answered <= at) receive_number(handover);
  report_about(new_node->node.name);
  if (read(new_node->done, &byte, 1) != 1) give_up(new_node->child, new_node->node.name);
  close(new_node->done);
  report_line("{\"node\":{\"name\":%s,\"pid\":%d,\"startTime\":%llu}}",
              json_string(new_node->node.name, name, sizeof name), (int)new_node->pid, proc_start_time(new_node->pid, new_node->node.name));
}

static void finish_next(struct new_node *window, unsigned *finished, struct handover *handover) {
  unsigned at = (*finished)++;
  finish_node(&window[at % WINDOW], at, handover);
}

static int open_cgroups(const char *path) {
  int fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (path && fd < 0 && !cgroup_is_refused()) fail(STEP_ENTER_CGROUP, "open cgroup", path);
  return fd;
}

// Makes all nodes of the spec, each as it is read.
static void make_nodes(struct spec *spec, const struct options *options) {
  struct new_node window[WINDOW];
  struct operations operations = {.list = NULL};
  struct site site = {
      .keeper = options->keeper, .cgroups = open_cgroups(options->cgroup), .handover = {.keeper = options->creator}};
  unsigned begun = 0, finished = 0;
  below_make();
  while (spec->at < spec->length && !strcmp(spec->text + spec->at, "shared")) share_running(&site.shared, spec);
  for (;;) {
    struct new_node *new_node = &window[begun % WINDOW];
    report_about(NULL);
    if (!node_read(spec, &new_node->node, &operations)) break;
    // The namespaces that a node shares can be joined only once it is set up, so such nodes are made one at a time.
    while (new_node->node.shared && finished < begun) finish_next(window, &finished, &site.handover);
    begin_node(new_node, &operations, spec, &site), begun++;
    if (new_node->node.shared || begun - finished == WINDOW) finish_next(window, &finished, &site.handover);
    share_remember(&site.shared, &new_node->node, new_node->pid);
  }
  while (finished < begun) finish_next(window, &finished, &site.handover);
}

void verb_spawn(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time || options->creator < 0)
    usage("spawn needs --keeper, --start-time and --creator");
  pid_t caller = getppid();
  die_with_parent(caller);
  struct spec spec;
  spec_read(&spec);
  namespaces_join(options->keeper, options->start_time, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, "keeper");
  struct child child;
  int signals = child_signals(NULL, 0), alive[2];
  if (pipe2(alive, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  end_with_parent(caller);
  // A process that has joined a PID namespace may not make another, but its child, which is in the joined one, may.
  // Once that child has ended, its children, the nodes, are the keeper's.
  pid_t pid = child_make(&child, 0);
  if (pid < 0) fail(STEP_FORK, "fork", "spawn");
  if (pid == 0) {
    close(alive[1]);
    follow_parent(alive[0]);
    close(alive[0]);
    reset_signals();
    signal(SIGPIPE, SIG_IGN);
    // All nodes inherit this.
    umask(022);
    personality(PER_LINUX);
    keyring_leave_sealed("the nodes");
    priority_give_up("the nodes");
    priority_give_up_memory("the nodes");
    make_nodes(&spec, options);
    _exit(0);
  }
  int status = child_wait(&child, signals);
  if (!WIFEXITED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "finish", "spawn");
  _exit(WEXITSTATUS(status));
}

// The verb `spawn`: makes nodes in a lab, as children of its keeper, and says who each is.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "namespaces.h"
#include "node.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "share.h"
#include "verbs.h"

enum {
  // Nodes that are being set up at once: one mounts on the second processor while the next is cloned.
  WINDOW = 2,
  // Descriptors that are on their way to the keeper, which need not be waited for. The kernel counts them as open files.
  HANDED_MAX = 32,
};

struct birth {
  struct node node;
  pid_t pid;    // as the caller numbers it
  pid_t child;  // as the lab numbers it
  int done;
};

// What the keeper has been handed; it answers in order.
struct hands {
  int keeper;
  const char *nodes[HANDED_MAX];
  unsigned given, answered;
};

static void write_maps(const struct birth *birth) {
  static const char *const deny = "deny";
  const struct node *node = &birth->node;
  if (node->deny_setgroups) write_lines(birth->pid, "setgroups", &deny, 1);
  write_lines(birth->pid, "uid_map", node->uid_maps, node->uid_map_count);
  write_lines(birth->pid, "gid_map", node->gid_maps, node->gid_map_count);
}

// The node's process ended before it was set up. When it failed, it has said why; when it was killed, nobody has.
static _Noreturn void give_up(const struct birth *birth) {
  int status;
  if (waitpid(birth->child, &status, 0) < 0) fail(STEP_WAIT_FOR_CHILD, "wait for", birth->node.name);
  if (WIFSIGNALED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "go on, since a signal killed the first process of", birth->node.name);
  _exit(STATUS_FAILED);
}

// As fork(2). A node for which there is no cgroup is made all the same.
static pid_t clone_node(struct node *node, int cgroup) {
  int at_birth = cgroup_takes_births(cgroup);
  pid_t pid = clone_process((unsigned)share_clone_flags(node), at_birth ? cgroup : -1);
  if (pid < 0 && at_birth) {
    node->cgroup = NULL;
    return clone_process((unsigned)share_clone_flags(node), -1);
  }
  if (pid > 0 && cgroup >= 0 && !at_birth) cgroup_add(cgroup, pid);
  return pid;
}

// Clones a node's first process and gives it its maps. It is being set up when this returns.
static void begin(struct birth *birth, struct spec *spec, const struct pool *pool, int cgroups) {
  int go[2], done[2];
  struct node *node = &birth->node;
  report_about(node->name);
  SCOPED_FD cgroup = node->cgroup ? cgroup_open_in(cgroups, node->cgroup) : -1;
  if (cgroup < 0) node->cgroup = NULL;
  node_open_trees(node, spec);
  if (pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  birth->child = node->shared ? share_clone(pool, node, cgroup) : clone_node(node, cgroup);
  if (birth->child < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces", node->name);
  if (birth->child == 0) {
    close(go[1]), close(done[0]);
    node_main(node, spec, go[0], done[1]);
  }
  close(go[0]), close(done[1]);
  node_close_trees(node);
  birth->pid = outer_pid(birth->child), birth->done = done[0];
  if (birth->pid < 0) fail(STEP_FIND_PROCESS, "find the PID of", node->name);
  if (node->makes & CLONE_NEWUSER) write_maps(birth);
  if (write(go[1], "", 1) != 1) give_up(birth);
  close(go[1]);
}

// Waits until the keeper has said of one more descriptor which number it has there, and reports it.
static void learn_number(struct hands *hands) {
  char answer[16] = "", name[512];
  const char *node = hands->nodes[hands->answered++ % HANDED_MAX];
  report_about(node);
  errno = EPIPE;  // when the keeper is gone
  if (recv(hands->keeper, answer, sizeof answer - 1, 0) <= 0) fail(STEP_HAND_OVER_NAMESPACE, "hand a namespace to", "keeper");
  int number = atoi(answer);
  if (number <= 0) fail_with(STEP_HAND_OVER_NAMESPACE, EMFILE, "hand a namespace to", "keeper");
  report_line("{\"held\":{\"name\":%s,\"netnsFd\":%d}}", json_string(node, name, sizeof name), number);
}

// Gives the keeper a node's network namespace to hold, and a name for it where the node has one.
static void hand_over(struct hands *hands, const struct node *node, int fd) {
  if (hands->given - hands->answered == HANDED_MAX) learn_number(hands);
  report_about(node->name);
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {.bytes = {0}};
  char text[192];
  const char *name = node->netns_name;
  int length = name ? snprintf(text, sizeof text, "hold %s", name) : snprintf(text, sizeof text, "hold");
  if (length >= (int)sizeof text) fail_with(STEP_HAND_OVER_NAMESPACE, ENAMETOOLONG, "name a namespace", name);
  struct iovec data = {.iov_base = text, .iov_len = (size_t)length};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(hands->keeper, &message, MSG_NOSIGNAL) < 0) fail(STEP_HAND_OVER_NAMESPACE, "hand a namespace to", "keeper");
  hands->nodes[hands->given++ % HANDED_MAX] = node->name;
}

// Waits until a node is set up, and reports it.
static void finish(struct birth *birth, struct hands *hands) {
  char byte, path[64], name[512];
  report_about(birth->node.name);
  if (read(birth->done, &byte, 1) != 1) give_up(birth);
  close(birth->done);
  snprintf(path, sizeof path, "/proc/%d/ns/net", (int)birth->pid);
  SCOPED_FD netns = open(path, O_RDONLY | O_CLOEXEC);
  if (netns < 0) fail(STEP_OPEN_NAMESPACE, "open", path);
  hand_over(hands, &birth->node, netns);
  report_line("{\"node\":{\"name\":%s,\"pid\":%d,\"startTime\":%llu}}",
              json_string(birth->node.name, name, sizeof name), (int)birth->pid, start_time(birth->pid));
}

static void make_nodes(struct spec *spec, int keeper, const char *cgroup) {
  struct birth births[WINDOW];
  struct pool pool = {.fds = {0}};
  struct hands hands = {.keeper = keeper};
  SCOPED_FD cgroups = cgroup ? open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  unsigned begun = 0, finished = 0;
  for (;;) {
    struct birth *birth = &births[begun % WINDOW];
    report_about(NULL);
    if (!node_read(spec, &birth->node)) break;
    size_t next = spec->at;
    // What a node shares is known once it is set up, so these are made one at a time.
    while (birth->node.shared && finished < begun) finish(&births[finished++ % WINDOW], &hands);
    begin(birth, spec, &pool, cgroups), begun++;
    spec->at = next;
    if (birth->node.shared || begun - finished == WINDOW) finish(&births[finished++ % WINDOW], &hands);
    share_learn(&pool, &birth->node, birth->pid);
  }
  while (finished < begun) finish(&births[finished++ % WINDOW], &hands);
  while (hands.answered < hands.given) learn_number(&hands);
}

void verb_spawn(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time || options->creator < 0)
    usage("spawn needs --keeper, --start-time and --creator");
  pid_t caller = getppid();
  die_with_parent(caller);
  struct spec spec;
  spec_read(&spec);
  namespaces_join(options->keeper, options->start_time, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, "keeper");
  int alive[2];
  if (pipe2(alive, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  end_with_parent(caller);
  // Cloning into a new PID namespace right after joining one is refused; a child of the joined one may. When it is done
  // and gone, the nodes are the keeper's.
  pid_t pid = fork();
  if (pid < 0) fail(STEP_FORK, "fork", "spawn");
  if (pid == 0) {
    close(alive[1]);
    follow_parent(alive[0]);
    close(alive[0]);
    reset_signals();
    signal(SIGPIPE, SIG_IGN);
    make_nodes(&spec, options->creator, options->cgroup);
    _exit(0);
  }
  int status = wait_until_end(pid);
  if (!WIFEXITED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "finish", "spawn");
  _exit(WEXITSTATUS(status));
}

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
};

struct birth {
  struct node node;
  pid_t pid;    // as the caller numbers it
  pid_t child;  // as the lab numbers it
  int done;
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
  if (waitpid(birth->child, &status, 0) < 0) fail("wait for", birth->node.name);
  if (WIFSIGNALED(status)) errno = ECHILD, fail("set up, since it was killed,", birth->node.name);
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
static void begin(struct birth *birth, struct spec *spec, const struct pool *pool) {
  int go[2], done[2];
  struct node *node = &birth->node;
  report_about(node->name);
  SCOPED_FD cgroup = node->cgroup ? cgroup_open(node->cgroup) : -1;
  if (cgroup < 0) node->cgroup = NULL;
  node_open_trees(node, spec);
  if (pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC)) fail("make", "pipe");
  birth->child = node->shared ? share_clone(pool, node, cgroup) : clone_node(node, cgroup);
  if (birth->child < 0) fail("create namespaces", node->name);
  if (birth->child == 0) {
    // The caller's /proc is still mounted here, so this is the number the caller knows the process by.
    char self[16] = "";
    if (readlink("/proc/self", self, sizeof self - 1) < 0 || write(done[1], self, sizeof self) < 0)
      fail("tell the PID of", node->name);
    close(go[1]), close(done[0]);
    node_main(node, spec, go[0], done[1]);
  }
  close(go[0]), close(done[1]);
  node_close_trees(node);
  char self[16];
  if (read(done[0], self, sizeof self) != sizeof self) give_up(birth);
  birth->pid = atoi(self), birth->done = done[0];
  if (node->makes & CLONE_NEWUSER) write_maps(birth);
  if (write(go[1], "", 1) != 1) give_up(birth);
  close(go[1]);
}

// Gives the keeper a descriptor to hold, and a name for it where the node has one; returns the number it has there.
static int hold(int keeper, int fd, const char *name) {
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {.bytes = {0}};
  char text[192];
  int length = name ? snprintf(text, sizeof text, "hold %s", name) : snprintf(text, sizeof text, "hold");
  if (length >= (int)sizeof text) errno = ENAMETOOLONG, fail("name a namespace", name);
  struct iovec data = {.iov_base = text, .iov_len = (size_t)length};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  char answer[16] = "";
  errno = EPIPE;  // when the keeper is gone
  if (sendmsg(keeper, &message, MSG_NOSIGNAL) < 0 || recv(keeper, answer, sizeof answer - 1, 0) <= 0)
    fail("hand a namespace to", "keeper");
  int number = atoi(answer);
  if (number <= 0) errno = EMFILE, fail("hand a namespace to", "keeper");
  return number;
}

// Waits until a node is set up, and reports it.
static void finish(struct birth *birth, int keeper) {
  char byte, path[64], name[512];
  report_about(birth->node.name);
  if (read(birth->done, &byte, 1) != 1) give_up(birth);
  close(birth->done);
  snprintf(path, sizeof path, "/proc/%d/ns/net", (int)birth->pid);
  SCOPED_FD netns = open(path, O_RDONLY | O_CLOEXEC);
  if (netns < 0) fail("open", path);
  report_line("{\"node\":{\"name\":%s,\"pid\":%d,\"startTime\":%llu,\"netnsFd\":%d}}",
              json_string(birth->node.name, name, sizeof name), (int)birth->pid, start_time(birth->pid),
              hold(keeper, netns, birth->node.netns_name));
}

static void make_nodes(struct spec *spec, int keeper) {
  struct birth births[WINDOW];
  struct pool pool = {.fds = {0}};
  unsigned begun = 0, finished = 0;
  for (;;) {
    struct birth *birth = &births[begun % WINDOW];
    report_about(NULL);
    if (!node_read(spec, &birth->node)) break;
    size_t next = spec->at;
    // What a node shares is known once it is set up, so these are made one at a time.
    while (birth->node.shared && finished < begun) finish(&births[finished++ % WINDOW], keeper);
    begin(birth, spec, &pool), begun++;
    spec->at = next;
    if (birth->node.shared || begun - finished == WINDOW) finish(&births[finished++ % WINDOW], keeper);
    share_learn(&pool, &birth->node, birth->pid);
  }
  while (finished < begun) finish(&births[finished++ % WINDOW], keeper);
}

void verb_spawn(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time || options->creator < 0)
    usage("spawn needs --keeper, --start-time and --creator");
  die_with_parent();
  struct spec spec;
  spec_read(&spec);
  signal(SIGPIPE, SIG_IGN);
  namespaces_join(options->keeper, options->start_time, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, "keeper");
  // Cloning into a new PID namespace right after joining one is refused; a child of the joined one may. When it is done
  // and gone, the nodes are the keeper's.
  pid_t pid = fork();
  if (pid < 0) fail("fork", "spawn");
  if (pid == 0) {
    die_with_parent();
    make_nodes(&spec, options->creator);
    _exit(0);
  }
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status)) errno = ECHILD, fail("finish", "spawn");
  _exit(WEXITSTATUS(status));
}

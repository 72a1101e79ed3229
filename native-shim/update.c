// The verb `update`: changes files, names and sysctls inside nodes that run. A process for each node enters it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine_mounts.h"
#include "namespaces.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "update_words.h"
#include "verbs.h"

enum {
  // Nodes that are changed at once.
  WINDOW = 4,
  // A program in the node can make a file system on which every request waits for ever.
  PATIENCE_MS = 5000,
};

static const char *const the_node = "the node", *const FAILED = "failed";

// A node that is being changed.
struct job {
  const char *name;
  pid_t pid;
  int report;  // the end of a pipe with what its process reports
  struct timespec begun;
};

static int milliseconds_since(const struct timespec *begun) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int)((now.tv_sec - begun->tv_sec) * 1000 + (now.tv_nsec - begun->tv_nsec) / 1000000);
}

static _Noreturn void change_node(const struct update_node *node, struct spec *spec, pid_t parent) {
  // Root of the node must not look into this process, in which there are the words for other nodes.
  hide_memory();
  update_words_look(spec);
  namespaces_join(node->pid, node->started, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
                  the_node);
  become_root(the_node);
  hide_memory();
  die_with_parent(parent);
  update_words_run(spec);
  _exit(0);
}

static void begin(struct job *job, const struct update_node *node, struct spec *spec) {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  *job = (struct job){.name = node->name, .report = pipe[0]};
  clock_gettime(CLOCK_MONOTONIC, &job->begun);
  pid_t parent = getpid();
  job->pid = clone_process(0, -1);
  if (job->pid < 0) fail(STEP_FORK, "fork", node->name);
  if (job->pid == 0) {
    // A process that is stuck must not keep the caller's report open.
    close(report_fd()), close(pipe[0]);
    report_to(pipe[1]);
    report_about(node->name);
    fail_with_key(FAILED);
    change_node(node, spec, parent);
  }
  close(pipe[1]);
}

// Copies what the process of a node reports, and waits for its end. One that is stuck in the kernel is left behind.
static void finish(struct job *job) {
  char text[1 << 13];
  int status = 0, has_reported = 0;
  report_about(job->name);
  for (;;) {
    struct pollfd polled = {job->report, POLLIN, 0};
    int left = PATIENCE_MS - milliseconds_since(&job->begun), count = poll(&polled, 1, left > 0 ? left : 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      kill(job->pid, SIGKILL);
      report_failure(FAILED, STEP_WAIT_FOR_CHILD, ETIMEDOUT, "wait for", "its file systems");
      close(job->report);
      return;
    }
    ssize_t got = read(job->report, text, sizeof text);
    if (got <= 0) break;
    report_bytes(text, (size_t)got), has_reported = 1;
  }
  close(job->report);
  while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR) {}
  if (status && !has_reported) report_failure(FAILED, STEP_WAIT_FOR_CHILD, ECHILD, "finish changes of", the_node);
}

void verb_update(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("update needs --keeper and --start-time");
  pid_t caller = getppid();
  struct spec spec;
  spec_read(&spec);
  machine_mounts_read(options->keeper);
  // In a node that has one id only, setgroups(2) is denied. So groups are dropped before.
  if (geteuid() == 0 && setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", "the verb");
  join_keeper_user(options->keeper, options->start_time, caller);
  // A process that is stuck must not keep them open.
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) fail(STEP_CLOSE_DESCRIPTORS, "open", "/dev/null");
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  struct job jobs[WINDOW];
  unsigned begun = 0, finished = 0;
  for (struct update_node node; update_words_next(&spec, &node);) {
    if (begun - finished == WINDOW) finish(&jobs[finished++ % WINDOW]);
    begin(&jobs[begun++ % WINDOW], &node, &spec);
    update_words_skip(&spec);
  }
  while (finished < begun) finish(&jobs[finished++ % WINDOW]);
}

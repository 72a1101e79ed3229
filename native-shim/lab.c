// The verb `lab`: makes the keeper of a lab and reports its PID.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "keeper.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "verbs.h"

void verb_lab(const struct options *options) {
  if (!options->name || options->lock < 0 || options->creator < 0) usage("lab needs --name, --lock and --creator");
  reset_signals();
  die_with_parent(getppid());
  int ready[2];
  if (pipe2(ready, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  pid_t pid = clone_process(CLONE_NEWPID | CLONE_NEWNS, -1);
  if (pid < 0) fail(STEP_CREATE_NAMESPACES, "create namespaces", "pid and mount namespace of the lab");
  if (pid == 0) {
    close(ready[0]);
    keeper_main(options->name, options->lock, options->creator, ready[1]);
  }
  close(ready[1]);
  char byte;
  if (read(ready[0], &byte, 1) != 1) give_up(pid, "keeper");
  report_line("{\"keeper\":{\"pid\":%d,\"startTime\":%llu}}", (int)pid, proc_start_time(pid, "keeper"));
}

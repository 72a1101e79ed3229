// The verb `clone`: starts a program in new namespaces and in namespaces of another process, and exits with its status.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "keyring.h"
#include "namespaces.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "verbs.h"

// The CLONE_NEW* bits of a list of kinds, such as `net,uts`.
static int kinds_of(const char *list) {
  int kinds = 0;
  char word[16], message[64];
  for (const char *rest = list ? list : ""; *rest;) {
    size_t length = strcspn(rest, ",");
    snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), rest);
    int kind = namespaces_kind(word);
    snprintf(message, sizeof message, "there is no kind of namespace called '%s'", word);
    if (!kind) usage(message);
    kinds |= kind;
    rest += length + (rest[length] == ',');
  }
  return kinds;
}

// Maps root of a new user namespace to the caller. Without privilege, a process may map its own id only, and its own
// group only once setgroups(2) is denied (user_namespaces(7)).
static void map_caller(pid_t pid) {
  static const char *const deny = "deny";
  char text[32];
  const char *line = text;
  if (geteuid() != 0) proc_write_lines(pid, "setgroups", &deny, 1);
  snprintf(text, sizeof text, "0 %u 1", geteuid());
  proc_write_lines(pid, "uid_map", &line, 1);
  snprintf(text, sizeof text, "0 %u 1", getegid());
  proc_write_lines(pid, "gid_map", &line, 1);
}

// Mounts a new /proc, since a procfs shows the PID namespace that it was mounted in. Only to be called in a new mount
// namespace, so that nobody but the program sees it.
static void mount_proc(void) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(STEP_MAKE_MOUNTS_PRIVATE, "make mounts private", "/");
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) fail(STEP_MOUNT_PROC, "mount", "/proc");
}

// Runs in the new process: becomes the program once the id maps are written.
static _Noreturn void run(char **command, int joined, int made, const int go[2]) {
  char byte;
  close(go[1]);
  if (read(go[0], &byte, 1) != 1) _exit(STATUS_FAILED);
  if ((joined | made) & CLONE_NEWUSER) become_root("the program");
  if (joined & CLONE_NEWUSER) hide_memory(), keyring_leave("the program");
  follow_parent(go[0]);
  if ((made & CLONE_NEWNS) && ((joined | made) & CLONE_NEWPID)) mount_proc();
  reset_signals();
  execvp(command[0], command);
  fail(STEP_RUN_PROGRAM, "run", command[0]);
}

// Waits until the program runs, or has reported why it does not: exec(3) and exit close the other end of the pipe.
static void wait_for_start(const int started[2]) {
  char byte;
  close(started[1]);
  while (read(started[0], &byte, 1) < 0 && errno == EINTR) {}
}

void verb_clone(const struct options *options) {
  if (!options->command[0]) usage("clone needs a command");
  int made = kinds_of(options->make), joined = kinds_of(options->join), go[2], started[2];
  if (joined && options->pid <= 0) usage("clone --join needs --pid");
  pid_t caller = getppid();
  die_with_parent(caller);
  if ((joined & CLONE_NEWUSER) && !(made & CLONE_NEWUSER)) hide_memory();
  if (joined) joined = namespaces_join(options->pid, options->start_time, joined, "the process to join");
  if (pipe2(go, O_CLOEXEC) || pipe2(started, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  struct child child;
  int signals = child_signals(NULL, 0);
  end_with_parent(caller);
  pid_t pid = child_make(&child, (unsigned long long)made);
  if (pid < 0) fail(STEP_CREATE_NAMESPACES, "clone into", "new namespaces");
  if (pid == 0) run(options->command, joined, made, go);
  if (made & CLONE_NEWUSER) map_caller(pid);  // which needs a child that is not hidden
  if (joined & CLONE_NEWUSER) hide_memory();
  // Read while the process waits: one that has ended is reaped by the kernel at once.
  unsigned long long started_at = proc_start_time(pid, "the program");
  if (write(go[1], "", 1) != 1) fail(STEP_RUN_PROGRAM, "start", options->command[0]);
  wait_for_start(started);
  report_line("{\"process\":{\"pid\":%d,\"startTime\":%llu}}", (int)pid, started_at);
  int status = child_wait(&child, signals);
  _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

// The verb `rootless`: runs a program as root of a lab's outer user namespace, so that the lab needs no privilege
// outside. It makes that namespace, or joins the one of a running lab.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "verbs.h"

// Beside the user namespace, a network and a UTS namespace: the program enters those of a node for a moment, and may come
// back (setns(2)) only to namespaces that belong to its own user namespace.
enum { OUTER_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWUTS };

// This verb becomes the command line of nslab, so it ends with the statuses of that (src/errors.ts).
enum { STATUS_PRIVILEGE = 4, STATUS_REFUSED = 5 };

// Runs newuidmap(1) or newgidmap(1), which write maps of the ids that /etc/subuid and /etc/subgid grant. Returns
// whether it succeeded.
static int run_helper(const char *helper, pid_t pid, const struct id_maps *maps) {
  // The helpers end with 0 or 1. The errno of one that was not started is added to NOT_STARTED.
  enum { WORDS_MAX = 2 + 3 * ID_MAPS_MAX + 1, NOT_STARTED = 100 };
  char number[16], texts[ID_MAPS_MAX][64];
  char *words[WORDS_MAX];
  int count = 0;
  snprintf(number, sizeof number, "%d", (int)pid);
  words[count++] = strdup(helper), words[count++] = number;
  for (int i = 0; i < maps->count; i++) {
    snprintf(texts[i], sizeof texts[i], "%s", maps->lines[i]);
    char *rest = NULL;
    for (char *word = strtok_r(texts[i], " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
      if (count == WORDS_MAX - 1) fail_with(STEP_WRITE_ID_MAP, E2BIG, "run", helper);
      words[count++] = word;
    }
  }
  words[count] = NULL;
  pid_t child = fork();
  if (child < 0) fail(STEP_FORK, "fork", helper);
  if (child == 0) {
    execvp(helper, words);
    _exit(NOT_STARTED + errno);
  }
  free(words[0]);
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status)) fail_with(STEP_WRITE_ID_MAP, ECHILD, "go on, since a signal killed", helper);
  int error = WEXITSTATUS(status) - NOT_STARTED;
  if (error > 0 && error != ENOENT && error != EACCES) fail_with(STEP_WRITE_ID_MAP, error, "run", helper);
  return WEXITSTATUS(status) == 0;
}

// Maps the caller's own user and group alone, which needs no privilege once setgroups(2) is denied (user_namespaces(7),
// "User and group ID mappings").
static void map_one_id(pid_t pid, const struct options *options) {
  static const char *const deny = "deny";
  proc_write_lines(pid, "setgroups", &deny, 1);
  proc_write_lines(pid, "uid_map", options->uid_maps.lines, 1);
  proc_write_lines(pid, "gid_map", options->gid_maps.lines, 1);
}

// Writes the id maps of a process that has just made its user namespace. The first line of each maps the caller's own
// id. Only root and newuidmap(1) may write further lines; when newuidmap(1) refuses, the first line is written alone.
static void map_ids(pid_t pid, const struct options *options) {
  if (geteuid() == 0) {
    proc_write_lines(pid, "uid_map", options->uid_maps.lines, options->uid_maps.count);
    proc_write_lines(pid, "gid_map", options->gid_maps.lines, options->gid_maps.count);
  } else if (options->uid_maps.count < 2 || !run_helper("newuidmap", pid, &options->uid_maps)) {
    map_one_id(pid, options);
  } else if (!run_helper("newgidmap", pid, &options->gid_maps)) {
    fail_with_status(STATUS_PRIVILEGE);
    fail_with(STEP_WRITE_ID_MAP, EPERM, "map groups with",
              "newgidmap (/etc/subgid must grant what /etc/subuid does)");
  }
}

// Makes the namespaces. A child that stays outside writes the id maps. Returns 0, or -1 with errno when the kernel
// refuses the namespaces.
static int make_namespace(const struct options *options) {
  int made[2];
  if (pipe2(made, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  pid_t self = getpid(), child = fork();
  if (child < 0) fail(STEP_FORK, "fork", "rootless");
  if (child == 0) {
    char byte;
    close(made[1]);
    if (read(made[0], &byte, 1) != 1) _exit(STATUS_FAILED);
    map_ids(self, options);
    _exit(0);
  }
  close(made[0]);
  int refused = unshare(OUTER_NAMESPACES) ? errno : 0;
  if (refused) close(made[1]), waitpid(child, NULL, 0), errno = refused;
  if (refused) return -1;
  if (write(made[1], "", 1) != 1) fail(STEP_WRITE_ID_MAP, "make", "id maps");
  close(made[1]);
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status)) fail_with(STEP_WAIT_FOR_CHILD, ECHILD, "write", "id maps");
  if (WEXITSTATUS(status)) _exit(WEXITSTATUS(status));
  return 0;
}

void verb_rootless(const struct options *options) {
  if (!options->command[0]) usage("rootless needs a command");
  fail_with_status(STATUS_REFUSED);
  proc_init();
  char caller[16];
  snprintf(caller, sizeof caller, "%d", (int)geteuid());
  if (options->pid > 0) {
    namespaces_join(options->pid, options->start_time, OUTER_NAMESPACES, "the lab's keeper");
    setenv("NSLAB_CALLER_UID", caller, 1);
  } else {
    if (!options->uid_maps.count || !options->gid_maps.count) usage("rootless needs --uidmap and --gidmap, or --pid");
    // When the namespaces are refused, the program tells the user why, and what to do.
    if (make_namespace(options)) setenv("NSLAB_ROOTLESS_REFUSED", strerror(errno), 1);
    else setenv("NSLAB_CALLER_UID", caller, 1);
  }
  execvp(options->command[0], options->command);
  fail(STEP_RUN_PROGRAM, "run", options->command[0]);
}

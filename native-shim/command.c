#define _GNU_SOURCE
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"
#include "report.h"
#include "scope.h"

enum { STATUS_CANNOT_START = 126, STATUS_NOT_FOUND = 127 };

static void set_defaults(void) {
  // nslab sets these variables for processes of its own. A nslab that is run in the node must not see them.
  static const char *const internal[] = {"NSLAB_CALLER_UID",      "NSLAB_DIRECTORY_OWNERS", "NSLAB_KEEPERS",
                                         "NSLAB_NEIGHBOUR_LIMITS", "NSLAB_OUTSIDE_UID",      "NSLAB_ROOTLESS_REFUSED",
                                         "NSLAB_TITLE_ROOM"};
  for (size_t i = 0; i < sizeof internal / sizeof *internal; i++) unsetenv(internal[i]);
  // Root of a node may rarely enter the machine's /root; /tmp is the node's own.
  setenv("HOME", access("/root", R_OK | X_OK) ? "/tmp" : "/root", 1);
  setenv("USER", "root", 1), setenv("LOGNAME", "root", 1), setenv("container", "nslab", 1);
  // The caller's may name directories that root of the node may not search, or that the node does not have.
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

void command_set_environment(const struct options *options) {
  set_defaults();
  for (int i = 0; i < options->variable_count; i++)
    if (putenv(options->variables[i])) fail(STEP_SET_VARIABLE, "set", options->variables[i]);
}

// Runs a program, or, when it is of no format that the kernel knows, sh(1) on it as a script, as execvp(3) does. Returns
// with errno when it fails.
static void run(const char *path, char **command) {
  execv(path, command);
  if (errno != ENOEXEC) return;
  size_t count = 0;
  while (command[count]) count++;
  SCOPED_FREE char **words = calloc(count + 2, sizeof *words);
  if (!words) return;
  words[0] = strdup("sh"), words[1] = strdup(path);
  memcpy(words + 2, command + 1, count * sizeof *words);
  execv("/bin/sh", words);
  errno = ENOEXEC;
}

// Runs a command as execvp(3) does, but skips directories of PATH that root of the node may not search, such as one in
// the caller's home: execvp(3) would report every missing command as one that may not be run. Returns with errno when
// it fails.
static void run_from_path(char **command) {
  if (strchr(command[0], '/')) {
    run(command[0], command);
    return;
  }
  int error = ENOENT;
  SCOPED_FREE char *directories = strdup(getenv("PATH"));
  if (!directories) return;
  char *rest = NULL;
  for (char *each = strtok_r(directories, ":", &rest); each; each = strtok_r(NULL, ":", &rest)) {
    SCOPED_FREE char *path = NULL;
    if (asprintf(&path, "%s/%s", each, command[0]) < 0) return;
    run(path, command);
    int failed = errno;
    if (failed != ENOENT && failed != ENOTDIR && !access(path, F_OK)) error = failed;
  }
  errno = error;
}

void command_run(char **command, int program) {
  static char bash[] = "bash", sh[] = "sh";
  char *shell[] = {bash, NULL}, *plain_shell[] = {sh, NULL};
  reset_signals();
  // execveat(2) and not fexecve(3), which some C libraries make of /proc/self/fd, where the node may have no right to look.
  if (program >= 0) syscall(SYS_execveat, program, "", command, environ, AT_EMPTY_PATH);
  else run_from_path(command[0] ? command : shell);
  if (!command[0]) run_from_path(plain_shell);
  int error = errno;
  const char *name = command[0] ? command[0] : "sh";
  if (error == ENOENT && strchr(name, ' ') && !command[1])
    print_error_line("nslab: %s: %s; write the words separately: -- %s", name, strerror(error), name);
  else print_error_line("nslab: %s: %s", name, strerror(error));
  if (report_fd() >= 0) report_line("{\"refused\":%d}", error);
  _exit(error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_CANNOT_START);
}

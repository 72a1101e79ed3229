// attempt NAME [WORD…] [-- NAME [WORD…]]…
//
// Makes each attempt in a process and a mount namespace of its own, where it may make one, and prints a line for each: `done`,
// with what it found, or the name of the errno with which it was refused.
#define _GNU_SOURCE
#include "attempt.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 10 };

char found[256];

static const struct attempt *find(const char *name) {
  static const struct attempt *const tables[] = {file_attempts, process_attempts, kernel_attempts, wire_attempts};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    for (const struct attempt *each = tables[i]; each->name; each++)
      if (!strcmp(each->name, name)) return each;
  fprintf(stderr, "attempt: there is no attempt %s\n", name);
  exit(2);
}

static void try(char **words) {
  const struct attempt *attempt = find(words[0]);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(PATIENCE_S);
    if (!unshare(CLONE_NEWNS)) mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    errno = 0;
    int failed = attempt->act(words + 1);
    if (failed) printf("%s\n", errno ? strerrorname_np(errno) : "nothing");
    else printf("done%s%s\n", *found ? ": " : "", found);
    fflush(stdout);
    _exit(0);
  }
  int status;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) printf("%s\n", WTERMSIG(status) == SIGALRM ? "hangs" : sigabbrev_np(WTERMSIG(status)));
}

int main(int argc, char **argv) {
  // This one becomes another program, whose status it then has.
  if (argc > 1 && !strcmp(argv[1], "with-key")) return find(argv[1])->act(argv + 2);
  for (int at = 1; at < argc;) {
    int end = at;
    while (end < argc && strcmp(argv[end], "--")) end++;
    argv[end] = NULL;
    try(argv + at);
    at = end + 1;
  }
  return 0;
}

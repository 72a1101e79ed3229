// The verbs, and the options they share.
#pragma once
#include <sys/types.h>

struct options {
  const char *name;
  pid_t keeper, pid;
  unsigned long long start_time;
  int lock, creator;
  const char *directory;
  int terminal;  // whether a terminal may be used
  char **command;
};

void verb_lab(const struct options *options);
void verb_spawn(const struct options *options);
_Noreturn void verb_exec(const struct options *options);
void verb_ping(const struct options *options);
void verb_probe(void);

// The verbs, and the options that they are given (README.md).
#pragma once
#include <sys/types.h>

enum { ID_MAPS_MAX = 8, VARIABLES_MAX = 512 };

// Lines of /proc/PID/uid_map or gid_map: `INSIDE OUTSIDE COUNT` (user_namespaces(7)).
struct id_maps {
  const char *lines[ID_MAPS_MAX];
  int count;
};

struct options {
  const char *name;
  pid_t keeper, pid;
  unsigned long long start_time;
  int lock, creator, program, keep;  // descriptors; -1 when not given
  const char *directory, *cgroup, *make, *join;
  int front;     // whether a process in front of the verb passes signals on
  int group;     // whether a signal that ends the command ends its process group
  int terminal;  // whether the command may get a terminal
  struct id_maps uid_maps, gid_maps;
  char *variables[VARIABLES_MAX];  // NAME=VALUE
  int variable_count;
  char **command;  // ends with NULL
};

void verb_lab(const struct options *options);
void verb_spawn(const struct options *options);
void verb_session(const struct options *options);
void verb_update(const struct options *options);
_Noreturn void verb_exec(const struct options *options);
void verb_addresses(const struct options *options);
void verb_ping(const struct options *options);
void verb_mesh(const struct options *options);
void verb_connect(const struct options *options);
void verb_trace(const struct options *options);
void verb_probe_link(const struct options *options);
_Noreturn void verb_rootless(const struct options *options);
void verb_probe(void);
void verb_wire(const struct options *options);
void verb_clone(const struct options *options);

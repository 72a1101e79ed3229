// Control groups of nodes: cgroups(7). A cgroup that cannot be had is done without.
#pragma once
#include <sys/types.h>

// Opens the directory of a cgroup in another one, which is made when it is missing; -1 when that cannot be.
int cgroup_open_in(int directory, const char *name);
// Whether a process can be started in it (version 2), instead of being moved there.
int cgroup_takes_births(int cgroup);
// Moves a process there; 0 for the caller.
void cgroup_add(int cgroup, pid_t pid);

// Control groups of nodes: cgroups(7). A cgroup that cannot be had is done without.
#pragma once
#include <sys/types.h>

// Opens a cgroup's directory, which is made when it is missing; -1 when that cannot be.
int cgroup_open(const char *path);
// Whether a process can be started in it (version 2), instead of being moved there.
int cgroup_takes_births(int cgroup);
// Moves a process there; 0 for the caller.
void cgroup_add(int cgroup, pid_t pid);

// Control groups of nodes: cgroups(7). A node is made without a cgroup where it cannot have one.
#pragma once
#include <sys/types.h>

// Opens the cgroup `name` in the cgroup whose directory is given; makes it when it is missing. Returns -1 when it
// cannot.
int cgroup_open_in(int directory, const char *name);
// Whether a cgroup is of version 2, in which clone3(2) can start a process. Into one of version 1, a process must be
// moved.
int cgroup_is_version_2(int cgroup);
// Moves a process into a cgroup; 0 for the caller. Does nothing when that is not allowed.
void cgroup_add(int cgroup, pid_t pid);

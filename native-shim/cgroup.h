// Control groups of nodes: cgroups(7). A node is made without a cgroup where it cannot have one.
#pragma once
#include <sys/types.h>

// Opens the cgroup `name` in the cgroup whose directory is given; makes it when it is missing. Returns -1 where none may
// be made.
int cgroup_open_in(int directory, const char *name);
// Whether a cgroup is of version 2, in which clone3(2) can start a process. Into one of version 1, a process must be
// moved.
int cgroup_is_version_2(int cgroup);
// Whether errno says that a cgroup cannot have this process, or cannot be made here. Other errors, such as ENOMEM, say
// nothing about the cgroup.
int cgroup_is_refused(void);
// Moves a process into the cgroup `name`; 0 for the caller. Where that is not allowed, does as cgroup_leave_out.
void cgroup_add(int directory, const char *name, int cgroup, pid_t pid);
// To be called when a process could not be started in the cgroup `name`. Removes a cgroup that is refused, so that
// nobody takes it for the node's; the kernel keeps one that has processes, such as those of other nodes. Fails with
// errno when that says nothing about the cgroup.
void cgroup_leave_out(int directory, const char *name, int cgroup);

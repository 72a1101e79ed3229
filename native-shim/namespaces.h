// The kinds of namespaces, and joining the namespaces of a process.
#pragma once
#include <sched.h>
#include <sys/types.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

enum { NAMESPACE_KINDS = 8 };

// The CLONE_NEW* bit of a kind, by its name in /proc/PID/ns; 0 for an unknown name.
int namespaces_kind(const char *name);
// The CLONE_NEW* bit of the kind with this index, from 0 to NAMESPACE_KINDS - 1.
int namespaces_at(int index);
// Opens a process's namespace of the kind with this index. Returns a descriptor.
int namespaces_open(pid_t pid, int index);
// Joins namespaces of a process: those of the given CLONE_NEW* kinds that the caller is not in already. Returns the
// kinds that were joined. Fails when the process with this PID was not started at `started`, since it is another one
// then; 0 skips that check. `what` names the process in a failure.
int namespaces_join(pid_t pid, unsigned long long started, int kinds, const char *what);
// Joins the user namespace of a lab's keeper, in which this process has rights over the keeper and over every process and
// namespace of the lab, and dies with its parent `caller` as before: the kernel has cancelled that request.
void join_keeper_user(pid_t keeper, unsigned long long started, pid_t caller);

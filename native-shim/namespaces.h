#pragma once
#include <sched.h>
#include <sys/types.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

enum { NAMESPACE_KINDS = 8 };

// The CLONE_NEW* bit of a kind, called as in /proc/PID/ns; 0 for none.
int namespaces_kind(const char *name);
// The kinds, one after the other.
int namespaces_at(int index);
// A descriptor of a process's namespace of the kind at this index.
int namespaces_open(pid_t pid, int index);
// Joins those of a process's namespaces, of the given CLONE_NEW* kinds, that the caller is not in already.
// Returns the kinds joined. Fails when the process of this PID is another by now than the one started then; 0 for whoever
// has it. `what` names the process in a failure.
int namespaces_join(pid_t pid, unsigned long long started, int kinds, const char *what);

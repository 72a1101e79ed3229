#pragma once
#include <sys/types.h>
// Joins those of a process's namespaces, of the given CLONE_NEW* kinds, that the caller is not in already.
// Returns the kinds joined. `what` names the process in a failure.
int namespaces_join(pid_t pid, int kinds, const char *what);
// The same for all kinds, of a process known by its start time too: fails when it is another one by now.
int namespaces_join_checked(pid_t pid, unsigned long long started, int kinds, const char *what);
// The CLONE_NEW* kind of a namespace by its name in /proc/PID/ns; 0 when there is none of that name.
int namespace_kind(const char *file);

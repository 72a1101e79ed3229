#pragma once
#include <sys/types.h>
// Joins those of a process's namespaces, of the given CLONE_NEW* kinds, that the caller is not in already.
// Returns the kinds joined. `what` names the process in a failure.
int namespaces_join(pid_t pid, int kinds, const char *what);
// The same, of a process known by its start time too: fails when it is another one by now.
int namespaces_join_started(pid_t pid, unsigned long long started, int kinds, const char *what);

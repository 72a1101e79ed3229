// Lets SIGINT stop a verb's work, instead of the verb.
#pragma once
#include <signal.h>

// Blocks SIGINT. Returns the signals that are blocked while the process waits, for epoll_pwait(2): SIGINT comes only then, so that
// it is never missed.
sigset_t stop_at_interrupt(void);
// Whether SIGINT has come, also while the process has not waited.
int is_stopped(void);

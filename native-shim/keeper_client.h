// Asking the keeper of a running lab.
#pragma once
#include <sys/types.h>

#include "steps.h"

// How long a request waits for a keeper or a wire that does nothing, such as one that is stopped.
enum { PATIENCE_SECONDS = 10 };

// Takes a copy of the client's end of the keeper's control socket (pidfd_getfd(2)), which needs CAP_SYS_PTRACE over the keeper.
// Returns the descriptor. `step` is that of a failure.
int keeper_client_open(pid_t keeper, enum step step);
// What keeper_client_ask returns when the keeper has closed the answer's socket without an answer.
enum { KEEPER_NO_ANSWER = -2 };
// Sends a message on that socket, with a socket for the answer and `count` descriptors after it. Returns the answer, a number. Fails where the keeper does not answer. `what` names it in a failure.
int keeper_client_ask(int keeper, const char *text, const int *fds, int count, enum step step, const char *what);
// Sends a message without waiting for an answer. Fails where the keeper takes none.
void keeper_client_send(int keeper, const char *text, const int *fds, int count, enum step step, const char *what);

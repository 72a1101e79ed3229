// Sessions with the keeper of a running lab: clients that add nodes and drop them (README.md, "session").
#pragma once
#include <poll.h>

#include "keeper_held.h"
#include "keeper_message.h"

enum { SESSIONS_MAX = 16 };

struct keeper_sessions {
  int fds[SESSIONS_MAX];  // -1 for none
};

// Says that there are no sessions.
void keeper_sessions_clear(struct keeper_sessions *sessions);
// Begins a session on a socket, of which the client has the other end. Closes the socket when there are as many as may be.
void keeper_sessions_begin(struct keeper_sessions *sessions, int socket);
// Does what clients ask for. `polled` has an entry for each session.
void keeper_sessions_serve(struct keeper_sessions *sessions, const struct pollfd *polled, struct held *held);
// Holds what the message of a client brings, and answers with its number. Returns -1 when the client has gone, or does not read.
int keeper_sessions_hold(int client, int session, const struct message *message, struct held *held);

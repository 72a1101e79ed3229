// The wire's control socket: takes one request a connection, and answers it (README.md, "wire"). It never waits for a client.
#pragma once
#include <poll.h>
#include <stdint.h>

#include "text.h"

struct wire;

struct control {
  int listener;
  int client;        // the connection that is served; -1 for none
  int is_answered;   // the request is whole, and `answer` is being sent
  struct text request, answer;
  size_t sent;       // bytes of the answer
  int64_t deadline;  // when the client is given up; INT64_MAX without one
};

#define CONTROL_IDLE(socket) {.listener = (socket), .client = -1, .deadline = INT64_MAX}

// What to wait for.
struct pollfd control_poll(const struct control *control);
// Goes on with the connection, or takes the next one.
void control_serve(struct wire *wire, int64_t now);

// The wire as its keeper sees it: what a wire is started with, the process, and how often it has died.
#pragma once

// The descriptors of a message `wire`: a socket for the answer, and those of `struct keeper_wire`.
enum { WIRE_NETNS, WIRE_LISTENER, WIRE_SPECS, WIRE_FDS = WIRE_SPECS + 2, KEEPER_WIRE_FDS = 1 + WIRE_FDS };

struct keeper_wire {
  const char *lab;
  // The wire's network namespace, its listening socket, and two memory files that it writes its configuration to
  // (wire_spec.h). -1 for none.
  int fds[WIRE_FDS];
  int pidfd;       // of the process; -1 while there is none
  int deaths;      // how many processes of the wire have ended
  int is_missing;  // whether the next process is still to be started
};

#define KEEPER_WIRE_NONE(name) {.lab = (name), .fds = {-1, -1, -1, -1}, .pidfd = -1}

// Answers a message `wire`. With the answer's socket alone, it asks for the number that the wire's network namespace has
// in the keeper, 0 when there is no wire. With all descriptors, it starts the wire if there is none. Takes the descriptors.
void keeper_wire_serve(struct keeper_wire *wire, const int *fds, int count);
// For how long poll(2) may wait: until the next attempt to start a process, or -1 for ever.
int keeper_wire_timeout(const struct keeper_wire *wire);
// Starts the process again where it has ended. After its second death, it is started only to take down the ends of all links.
// `has_ended` says whether the descriptor of the process became readable.
void keeper_wire_check(struct keeper_wire *wire, int has_ended);

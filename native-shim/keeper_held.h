// What the keeper holds of the nodes: descriptors of their network namespaces, and of the first processes of those that are not
// committed yet.
#pragma once
#include <stddef.h>

// Who has made a node that is not committed: the number of a session, or the creator of the lab, with whom the keeper ends.
enum { HELD_COMMITTED = -1, HELD_BY_CREATOR = -2 };

struct held_node {
  int netns;  // -1 where the namespace is held already
  int pidfd;  // -1 once it is committed
  int session;
};

struct held {
  struct held_node *nodes;
  size_t count, room;
  // Every descriptor of a network namespace has a number from here on, so a number that was closed never leads to another node.
  int floor;
};

// The lowest number of a network namespace's descriptor. All others of the keeper are below: its sockets, the wire's
// descriptors, those of its sessions and of one message.
enum { HELD_FLOOR = 64 };

#define HELD_NONE {.floor = HELD_FLOOR}

// Holds the namespace of a node that a session has made, and its process; either may be -1. Takes both descriptors. Returns the
// number of the namespace, 0 without one, or -1 with errno when the keeper cannot have more.
int held_add(struct held *held, int session, int netns, int pidfd);
// Lets the nodes of a session outlive it.
void held_commit(struct held *held, int session);
// Kills the nodes that a session has made and not committed, and closes their namespaces.
void held_end(struct held *held, int session);
// Closes the namespaces with these numbers, unless another session has made them and not committed. Others are passed over.
void held_drop(struct held *held, int session, const int *numbers, int count);
// Writes the numbers in ascending order, those in a row as a range: `64-66 70`. Cuts off what does not fit.
void held_list(const struct held *held, char *text, size_t room);

// Frames on their way, in the order in which they are due: by time, then by their `order`. All zero is an empty lane.
#pragma once
#include "packet.h"

struct lane_entry {
  int64_t time;
  uint64_t order;
  struct packet *packet;
};

struct lane {
  // Each is due after the one before: with a constant delay all frames are here, which costs no sorting.
  struct packet_list row;
  // The others: a heap in which each has four below it.
  struct lane_entry *heap;
  size_t count, room;
};

// Returns 0, or -1 when there is no memory.
int lane_add(struct lane *lane, struct packet *packet);
// The frame that is due first, which stays; NULL when there is none.
struct packet *lane_first(const struct lane *lane);
struct packet *lane_take(struct lane *lane);
// Moves the times of all frames.
void lane_shift(struct lane *lane, int64_t ns);
void lane_free(struct lane *lane, struct pool *pool);
// Gives each frame that is on its way to bottleneck i to bottleneck `to[i]`.
void lane_redirect(struct lane *lane, const int32_t *to);

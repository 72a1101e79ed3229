// The ends whose direction has an event to come, the next one first: a binary heap.
#pragma once
#include "links.h"

struct schedule {
  struct end **heap;
  size_t count, room;
};

// Makes room for this many ends in all. Returns 0, or -1 when there is no memory.
int schedule_reserve(struct schedule *schedule, size_t count);
// Asks the end's direction for its next event, and puts the end in its place.
void schedule_update(struct schedule *schedule, struct end *end);
void schedule_remove(struct schedule *schedule, struct end *end);
// The end with the next event. NULL: none has an event to come.
struct end *schedule_first(const struct schedule *schedule);

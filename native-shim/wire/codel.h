// CoDel, "Controlled Delay" (RFC 8289): drops frames when they leave the queue, once their time in it stays above the target for
// an interval.
#pragma once
#include <stdint.h>

#include "packet.h"

struct queue;

struct codel {
  int is_dropping;
  uint32_t count, last_count;
  int64_t first_above, drop_next;  // in ns; 0: `first_above` is unset
};

// The next frame of `list`, which has `bytes`, after those that it drops; or NULL. Those dropped are counted in `queue`.
struct packet *codel_take(struct queue *queue, struct codel *codel, struct packet_list *list, uint64_t *bytes, int64_t now);
void codel_shift(struct codel *codel, int64_t ns);

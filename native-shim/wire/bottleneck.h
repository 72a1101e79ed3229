// What lets frames pass at a rate, or at the opportunities of a trace, and the queue in front of it.
//
// A rate is a token bucket in virtual time: the bottleneck is free again when the frame before has been sent at the rate, at most
// the burst before now. A frame leaves when it has been sent, or at once where that is in the past. While it is sent, it is not
// in the queue.
#pragma once
#include "queue.h"

struct bottleneck {
  const struct class_config *config;
  struct queue queue;
  struct packet *serving;  // its `time` is when it leaves, with a rate
  // Of a rate: when it is free, in ns and in fractions of a ns (1 / rate).
  int64_t free_at;
  uint64_t free_fraction;
  int64_t burst_ns;
  // Of a trace.
  int has_begun;
  int64_t begin;      // of the trace, in ns: with the first frame
  uint64_t next;      // opportunity
  int64_t next_time;  // of it; INT64_MAX while no frame waits
  uint64_t left;      // bytes of the frame that is sent
};

// Returns 0, or -1 when there is no memory.
int bottleneck_begin(struct bottleneck *bottleneck, const struct class_config *config, uint64_t key, struct pool *pool,
                     struct direction_statistics *statistics);
// Frees its queue and the frames.
void bottleneck_end(struct bottleneck *bottleneck);
// The time of the next event, INT64_MAX for none.
int64_t bottleneck_next(const struct bottleneck *bottleneck);
// Takes in a frame at its `time`, when no event before that is left. Appends frames that leave then to `out`.
void bottleneck_take(struct bottleneck *bottleneck, struct packet *packet, struct packet_list *out);
// Does the next event. Appends frames that leave then to `out`, with their `time`.
void bottleneck_run(struct bottleneck *bottleneck, struct packet_list *out);
// Takes over the frames of another bottleneck and when it is free, at `now`. Appends frames that leave then to `out`.
void bottleneck_move(struct bottleneck *bottleneck, struct bottleneck *from, int64_t now, struct packet_list *out);
// Appends all its frames to `out`: the one that is sent leaves when it would, the others leave then.
void bottleneck_release(struct bottleneck *bottleneck, int64_t now, struct packet_list *out);
void bottleneck_shift(struct bottleneck *bottleneck, int64_t ns);

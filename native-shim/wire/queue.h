// The queue in front of a bottleneck. All times are logical: those at which a frame comes to the bottleneck, and at which the
// bottleneck takes it.
#pragma once
#include "codel.h"
#include "config.h"
#include "fq_codel.h"
#include "packet.h"
#include "red.h"
#include "statistics.h"

struct queue {
  const struct queue_config *config;
  struct pool *pool;
  struct direction_statistics *statistics;
  uint64_t frames, bytes;
  struct packet_list list;  // of all kinds but fq_codel
  uint32_t longest;         // packet so far, in bytes
  struct codel codel;
  struct red red;
  struct fq_codel *fair;  // of fq_codel
};

// `key` is that of the queue's random numbers, `rate` that of the bottleneck in bits per second. Returns 0, or -1 when there is
// no memory.
int queue_begin(struct queue *queue, const struct queue_config *config, uint64_t key, uint64_t rate);
// Frees what queue_begin has made, and the frames.
void queue_end(struct queue *queue);
// Takes a frame in, or drops it.
void queue_add(struct queue *queue, struct packet *packet, int64_t now);
// The next frame that the queue does not drop, or NULL.
struct packet *queue_take(struct queue *queue, int64_t now);
// Moves all frames of another queue to this one, which is empty and shares its pool and statistics; and what codel and red know.
void queue_move(struct queue *queue, struct queue *from);
void queue_shift(struct queue *queue, int64_t ns);
// Takes any frame, without dropping others; in order, but for fq_codel's flows. NULL: there is none.
struct packet *queue_take_raw(struct queue *queue);
// Drops a frame that is not in the list any more, or not yet, and adds it to `count`.
void queue_drop(struct queue *queue, struct packet *packet, uint64_t *count);
// Marks a frame where the queue does that and the frame can be marked. Returns whether it did.
int queue_mark(struct queue *queue, struct packet *packet);

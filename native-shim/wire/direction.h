// One direction of a link: impairs the frames that come in at one end, and hands on those that leave at the other. It knows no
// sockets and no clock; its callers say what time it is, so that tests can simulate it.
//
// A frame meets: loss, duplication, corruption, delay with jitter or reordering, then the queue and the rate of a bottleneck.
// Each of its times is computed from its arrival and from the times of earlier frames, never from when direction_run is called.
#pragma once
#include "config.h"
#include "packet.h"
#include "statistics.h"

struct direction;

// Becomes the owner of `config`. NULL: no memory, and `config` stays the caller's.
struct direction *direction_new(struct pool *pool, struct direction_config *config);
// Frees it with the frames that are on their way.
void direction_free(struct direction *direction);
// Makes a packet for a frame of `length` bytes that comes to this direction, as packet_new. NULL: the pool is full, or the direction
// holds a quarter of it.
struct packet *direction_packet(struct direction *direction, uint32_t length);
// Becomes the owner of such a packet, whose `time` is its arrival. Frames should come in the order of their arrival.
void direction_take(struct direction *direction, struct packet *packet);
// Counts the frames of a packet for which direction_packet had no room.
void direction_count_memory_drop(struct direction *direction, uint32_t frames);
// The time of the next event, such as a frame that is to leave; INT64_MAX for none.
int64_t direction_next(const struct direction *direction);
// Appends the frames that are to leave by `now`, in that order, each with `time` set to when it was due.
void direction_run(struct direction *direction, int64_t now, struct packet_list *out);
// Moves all times by `ns`: after a pause, so that it adds nothing to any delay. Frames that came in during the pause must be
// taken after that, with the end of the pause as their arrival.
void direction_shift(struct direction *direction, int64_t ns);
// Becomes the owner of `config`, which holds from the last frame or call of direction_run on. Frames on their way keep their times; queued ones move to the new queue. Returns 0; or -1 when there is no
// memory: nothing has changed then, and `config` stays the caller's.
int direction_reconfigure(struct direction *direction, struct direction_config *config);
const struct direction_statistics *direction_statistics(const struct direction *direction);

// Frames in memory. A pool has a fixed bound and never calls malloc(3) for a frame. Each packet is charged to a share of the pool,
// so that one holder cannot fill it alone. When the pool or the share is full, frames are dropped by the callers, who count them.
#pragma once
#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

// In bytes: the longest frame, which is one of 64 KB that is segmented later, and the room in front of a frame's data for a
// VLAN tag.
enum { PACKET_MAX = 67 * 1024, PACKET_HEADROOM = 4 };

// The part of a pool that one holder of packets may fill, in bytes of the slots that its packets take. Stays where it is while
// packets are charged to it.
struct share {
  size_t held, most;
};

struct packet {
  struct packet *next;
  struct share *share;  // that the packet is charged to; NULL: none
  int64_t time;    // CLOCK_MONOTONIC in ns: when the frame came in, later when it is due
  uint64_t order;  // breaks ties of time
  uint32_t length;
  struct virtio_net_hdr vnet;
  uint8_t *data;  // may be moved into the headroom in front
  // What follows is the direction's own.
  uint32_t frames, size;  // that it is cut into, and their bytes
  int64_t arrival;        // in ns, for statistics
  int64_t enqueued;  // into the queue of a bottleneck, in ns
  int32_t bottleneck;  // that it goes to; -1: none
};

// Frames in the order of their `next`. All zero is an empty list.
struct packet_list {
  struct packet *first, *last;
};

struct pool;

// Makes a pool of at most `bytes` bytes, which are taken from the kernel when they are first used. NULL: no memory.
struct pool *pool_new(size_t bytes);
// Frees the pool and all its packets.
void pool_free(struct pool *pool);
// An empty share: a quarter of the pool.
struct share pool_share(const struct pool *pool);
// Makes a packet for a frame of `length` bytes, with `length`, `data` and `share` set and everything else zero. NULL: the pool or
// the share is full, or the frame longer than PACKET_MAX.
struct packet *packet_new(struct pool *pool, struct share *share, uint32_t length);
// Makes a packet with the same frame, header and share. NULL as for packet_new.
struct packet *packet_copy(struct pool *pool, const struct packet *packet);
// Takes the packet off its share, for a holder that hands it on.
void packet_discharge(struct packet *packet);
void packet_free(struct pool *pool, struct packet *packet);

void packet_list_append(struct packet_list *list, struct packet *packet);
// Takes the first packet off the list, or returns NULL.
struct packet *packet_list_take(struct packet_list *list);

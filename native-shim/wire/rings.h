// Frames that come in at all interfaces of the network namespace: two packet sockets with rings (packet(7), packet_mmap.rst),
// one with slots for Ethernet's frames and one with slots of 64 KB, so that their memory suffices for many frames of either.
// One pair serves all links, since closing a packet socket takes tens of milliseconds.
#pragma once
#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
  struct virtio_net_hdr vnet;
  uint8_t *data;  // in the ring, until rings_release
  uint32_t length;
  int interface;  // its index
  int64_t time;   // CLOCK_REALTIME in ns: when it came in
};

struct ring {
  int fd;
  uint8_t *memory;
  size_t block_size, frame_size, per_block, count;
  size_t read, released;  // frames since the beginning
};

struct rings {
  struct ring small, large;
  uint64_t cut;  // frames that were longer than a slot, and are lost
};

// Opens the rings. Frames that come in from now on are kept. Exits when the kernel refuses them.
void rings_open(struct rings *rings);
// Takes the earliest frame. Of one sender, frames come in the order in which they were sent. Returns 0 when there is none.
int rings_next(struct rings *rings, struct frame *frame);
// Gives the slots of all frames that were taken back to the kernel.
void rings_release(struct rings *rings);
// Frames that were lost in front of a full ring, or were too long, since the last call of this function.
uint64_t rings_lost(struct rings *rings);

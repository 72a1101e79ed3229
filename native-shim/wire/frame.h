// What the wire reads in frames and changes there.
#pragma once
#include "packet.h"

// The frames that the kernel will cut a packet into (GSO), and their bytes: those of the packet, and the headers of every frame but
// the first, as the kernel counts for its disciplines (qdisc_pkt_len_init() in net/core/dev.c).
struct frame_size {
  uint32_t frames, bytes;
};

struct frame_size frame_size(const struct virtio_net_hdr *vnet, const uint8_t *data, uint32_t length);
// The source's MAC address, first byte highest; 0 when the frame is too short for one.
uint64_t frame_source(const struct packet *packet);
// Marks an IP packet of an ECN-capable transport with "congestion experienced" (RFC 3168). Returns 0 for other frames.
int frame_mark(struct packet *packet);
// A number that is the same for all frames of a flow: of the addresses, the protocol and the ports of IP, else of the Ethernet
// header.
uint32_t frame_flow(const struct packet *packet, uint64_t key);
// Flips the bit of the frame that a random number chooses. A checksum that the kernel was to compute is computed before, so that
// it does not cover the error up.
void frame_corrupt(struct packet *packet, uint64_t random);

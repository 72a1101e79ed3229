// Sends frames, many in one system call. A frame that the kernel does not take at once is lost, and counted.
#pragma once
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "links.h"

enum { SENDER_BATCH = 64 };

struct sender {
  int fd;
  struct pool *pool;
  unsigned count;
  struct mmsghdr messages[SENDER_BATCH];
  struct iovec parts[SENDER_BATCH][2];  // the header of virtio-net, the frame
  struct sockaddr_ll to[SENDER_BATCH];
  struct virtio_net_hdr vnets[SENDER_BATCH];
  struct end *from[SENDER_BATCH];
  struct packet *packets[SENDER_BATCH];  // to be freed afterwards; NULL for a frame of a ring
};

// Opens the socket. Exits when the kernel refuses it. `pool` is that of the packets to come.
void sender_open(struct sender *sender, struct pool *pool);
// Sends a frame that came in at this end out at the other one, now or with sender_flush. Becomes the owner of the packet.
void sender_add_packet(struct sender *sender, struct end *from, struct packet *packet);
// As sender_add_packet, for bytes that stay the caller's, who keeps them until sender_flush.
void sender_add(struct sender *sender, struct end *from, const struct virtio_net_hdr *vnet, uint8_t *data,
                uint32_t length);
void sender_flush(struct sender *sender);

#define _GNU_SOURCE
#include "sender.h"

#include "../report.h"
#include "frame.h"

void sender_open(struct sender *sender, struct pool *pool) {
  static const char *const what = "the socket that sends frames";
  int yes = 1;
  // Protocol 0: the socket receives nothing.
  sender->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sender->pool = pool, sender->count = 0;
  if (sender->fd < 0) fail(STEP_OPEN_SOCKET, "open", what);
  if (setsockopt(sender->fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) ||
      setsockopt(sender->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes))
    fail(STEP_OPEN_SOCKET, "set up", what);
  for (unsigned i = 0; i < SENDER_BATCH; i++) {
    sender->to[i] = (struct sockaddr_ll){.sll_family = AF_PACKET};
    sender->parts[i][0] = (struct iovec){&sender->vnets[i], sizeof sender->vnets[i]};
    sender->messages[i].msg_hdr = (struct msghdr){.msg_name = &sender->to[i],
                                                  .msg_namelen = sizeof sender->to[i],
                                                  .msg_iov = sender->parts[i],
                                                  .msg_iovlen = 2};
  }
}

static void add(struct sender *sender, struct end *from, const struct virtio_net_hdr *vnet, uint8_t *data,
                uint32_t length, struct packet *packet) {
  if (sender->count == SENDER_BATCH) sender_flush(sender);
  unsigned place = sender->count++;
  sender->to[place].sll_ifindex = end_other(from)->index;
  sender->vnets[place] = *vnet;
  sender->parts[place][1] = (struct iovec){data, length};
  sender->from[place] = from;
  sender->packets[place] = packet;
}

void sender_add_packet(struct sender *sender, struct end *from, struct packet *packet) {
  add(sender, from, &packet->vnet, packet->data, packet->length, packet);
}

void sender_add(struct sender *sender, struct end *from, const struct virtio_net_hdr *vnet, uint8_t *data,
                uint32_t length) {
  struct frame_size size = frame_size(vnet, data, length);
  from->plain_packets += size.frames, from->plain_bytes += size.bytes;
  add(sender, from, vnet, data, length, NULL);
}

static void count_unsent(const struct sender *sender, unsigned place) {
  struct end *from = sender->from[place];
  const struct iovec *part = &sender->parts[place][1];
  struct frame_size size = frame_size(&sender->vnets[place], part->iov_base, (uint32_t)part->iov_len);
  from->unsent += size.frames, from->unsent_bytes += size.bytes;
}

void sender_flush(struct sender *sender) {
  // The call ends at the first frame that is refused; when that is not its first, it does not say why.
  for (unsigned done = 0; done < sender->count;) {
    int sent = sendmmsg(sender->fd, sender->messages + done, sender->count - done, MSG_DONTWAIT);
    if (sent > 0) done += (unsigned)sent;
    else count_unsent(sender, done++);
  }
  for (unsigned i = 0; i < sender->count; i++)
    if (sender->packets[i]) packet_free(sender->pool, sender->packets[i]);
  sender->count = 0;
}

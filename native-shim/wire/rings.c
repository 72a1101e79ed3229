#define _GNU_SOURCE
#include "rings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "../report.h"

enum {
  // In bytes. A slot begins with 76 bytes of headers, and a longest frame has 65,535 bytes and its Ethernet header.
  SMALL_SLOT = 2048,
  SMALL_MOST = 1900,
  LARGE_SLOT = 69632,
  BLOCK = 1 << 20,
  SMALL_BLOCKS = 16,
  LARGE_BLOCKS = 14,
  // The field that has the kind of a VLAN tag is valid, since Linux 3.14.
  TAG_KIND_VALID = 1 << 6,
};

static void set(int fd, int option, int value, const char *what) {
  if (setsockopt(fd, SOL_PACKET, option, &value, sizeof value)) fail(STEP_OPEN_SOCKET, "set up", what);
}

// Lets only frames through that are, or are not, longer than SMALL_MOST.
static void filter_length(int fd, int longer) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SMALL_MOST, (unsigned char)!longer, (unsigned char)longer),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program))
    fail(STEP_OPEN_SOCKET, "set the filter of", "a packet socket");
}

static void open_ring(struct ring *ring, int is_large) {
  static const char *const what = "a packet socket";
  // Protocol 0: no frame comes in before the ring is there.
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), yes = 1;
  if (fd < 0) fail(STEP_OPEN_SOCKET, "open", what);
  set(fd, PACKET_VERSION, TPACKET_V2, what);
  set(fd, PACKET_VNET_HDR, 1, what);
  // Before Linux 4.20 the kernel shows frames that this process sends, too; rings_next leaves them out.
  if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) && errno != ENOPROTOOPT)
    fail(STEP_OPEN_SOCKET, "set up", what);
  filter_length(fd, is_large);
  struct tpacket_req size = {.tp_block_size = BLOCK,
                             .tp_block_nr = is_large ? LARGE_BLOCKS : SMALL_BLOCKS,
                             .tp_frame_size = is_large ? LARGE_SLOT : SMALL_SLOT};
  *ring = (struct ring){.fd = fd, .block_size = BLOCK, .frame_size = size.tp_frame_size};
  ring->per_block = ring->block_size / ring->frame_size;
  ring->count = ring->per_block * size.tp_block_nr;
  size.tp_frame_nr = (unsigned)ring->count;
  if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &size, sizeof size)) fail(STEP_OPEN_SOCKET, "make the ring of", what);
  ring->memory = mmap(NULL, ring->block_size * size.tp_block_nr, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (ring->memory == MAP_FAILED) fail(STEP_OPEN_SOCKET, "map the ring of", what);
  struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  if (bind(fd, (const struct sockaddr *)&all, sizeof all)) fail(STEP_OPEN_SOCKET, "bind", what);
}

void rings_open(struct rings *rings) {
  open_ring(&rings->small, 0);
  open_ring(&rings->large, 1);
}

static struct tpacket2_hdr *slot(const struct ring *ring, size_t number) {
  size_t place = number % ring->count;
  return (struct tpacket2_hdr *)(void *)(ring->memory + place / ring->per_block * ring->block_size +
                                         place % ring->per_block * ring->frame_size);
}

// The next frame, or NULL. A frame whose slot is not released yet must not be taken for the next one of a full ring.
static struct tpacket2_hdr *peek(const struct ring *ring) {
  if (ring->read - ring->released == ring->count) return NULL;
  struct tpacket2_hdr *header = slot(ring, ring->read);
  return __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER ? header : NULL;
}

static int64_t time_of(const struct tpacket2_hdr *header) {
  return (int64_t)header->tp_sec * 1000000000 + header->tp_nsec;
}

// The ring that has the earliest frame, or NULL. A sender's second frame may have come into one ring after the other was
// found empty and its first frame came into that. So the other ring is looked at once more after a frame is seen.
static struct ring *choose(struct rings *rings) {
  const struct tpacket2_hdr *large = peek(&rings->large), *small = peek(&rings->small);
  if (small && !large) large = peek(&rings->large);
  if (small && (!large || time_of(small) <= time_of(large))) return &rings->small;
  return large ? &rings->large : NULL;
}

// Puts a VLAN tag, which the kernel keeps beside the frame, into it (linux/if_packet.h).
static void insert_tag(struct frame *frame, const struct tpacket2_hdr *header) {
  enum { ADDRESSES = 2 * ETH_ALEN, TAG = 4 };
  uint16_t kind = header->tp_status & TAG_KIND_VALID ? header->tp_vlan_tpid : ETH_P_8021Q;
  uint16_t tag[] = {htons(kind), htons(header->tp_vlan_tci)};
  memmove(frame->data - TAG, frame->data, ADDRESSES);
  frame->data -= TAG, frame->length += TAG;
  memcpy(frame->data + ADDRESSES, tag, TAG);
  if (frame->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) frame->vnet.csum_start += TAG;
  if (frame->vnet.hdr_len) frame->vnet.hdr_len += TAG;
}

int rings_next(struct rings *rings, struct frame *frame) {
  for (struct ring *ring; (ring = choose(rings));) {
    const struct tpacket2_hdr *header = slot(ring, ring->read++);
    const uint8_t *bytes = (const uint8_t *)header;
    const struct sockaddr_ll *from = (const void *)(bytes + TPACKET_ALIGN(sizeof *header));
    if (from->sll_pkttype == PACKET_OUTGOING) continue;
    if (header->tp_snaplen < header->tp_len) {
      rings->cut++;
      continue;
    }
    *frame = (struct frame){.data = (uint8_t *)(uintptr_t)(bytes + header->tp_mac),
                            .length = header->tp_len,
                            .interface = from->sll_ifindex,
                            .time = time_of(header)};
    memcpy(&frame->vnet, frame->data - sizeof frame->vnet, sizeof frame->vnet);
    if (header->tp_status & TP_STATUS_VLAN_VALID) insert_tag(frame, header);
    return 1;
  }
  return 0;
}

static void release(struct ring *ring) {
  for (; ring->released < ring->read; ring->released++)
    __atomic_store_n(&slot(ring, ring->released)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

void rings_release(struct rings *rings) { release(&rings->small), release(&rings->large); }

uint64_t rings_lost(struct rings *rings) {
  uint64_t lost = rings->cut;
  rings->cut = 0;
  const int fds[] = {rings->small.fd, rings->large.fd};
  for (int i = 0; i < 2; i++) {
    struct tpacket_stats statistics;
    socklen_t size = sizeof statistics;
    if (!getsockopt(fds[i], SOL_PACKET, PACKET_STATISTICS, &statistics, &size)) lost += statistics.tp_drops;
  }
  return lost;
}

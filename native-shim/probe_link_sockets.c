#define _GNU_SOURCE
#include "probe_link_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "namespaces.h"
#include "report.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum {
  LOCAL_EXPERIMENTAL = 0x88b5,  // IEEE 802, table 9-1
  COPIES = 3,                   // of the number: one of them may be damaged
  ALIGN = 2,                    // in front of a frame, so that what follows its Ethernet header is aligned
  FLOOD_CAPTURE = 64,
  BLOCK = 1 << 16,
  SLOTS_LEAST = 128,
  SLOTS_MOST = 1 << 14,
};

static const double RING_SECONDS = 0.2;  // for so long, the ring takes frames although nobody reads them

// What follows the Ethernet header. The secret differs in each run, so that frames of others are not taken for one's own.
struct body {
  uint32_t secret[2];
  struct number {
    uint32_t path, sequence;
  } numbers[COPIES];
};

static uint32_t secret[2];

static int capture_of(const struct path *path) { return path->is_flood ? FLOOD_CAPTURE : path->length; }

static void make_frame(struct path *path, const uint8_t *source, const uint8_t *destination, int number) {
  uint8_t *room = malloc((size_t)path->length + ALIGN);
  path->sent = calloc(path->count, sizeof *path->sent);
  if (!room || !path->sent) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "frames");
  path->frame = room + ALIGN;
  struct ethhdr *header = (struct ethhdr *)(void *)path->frame;
  memcpy(header->h_source, path->has_source ? path->source : source, ETH_ALEN);
  memcpy(header->h_dest, path->has_destination ? path->destination : destination, ETH_ALEN);
  header->h_proto = htons(LOCAL_EXPERIMENTAL);
  struct body *body = (struct body *)(void *)(header + 1);
  for (size_t i = sizeof *header; i < (size_t)path->length; i++) path->frame[i] = (uint8_t)(i * 31 + 7);
  memcpy(body->secret, secret, sizeof secret);
  for (int i = 0; i < COPIES; i++) body->numbers[i].path = htonl((uint32_t)number);
}

// Takes a frame when one half of the secret is in its place: a frame of which a bit has been changed is not lost.
static void filter(int fd, int capture) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ETH_HLEN),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(secret[0]), 2, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ETH_HLEN + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(secret[1]), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, (unsigned)capture),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program))
    fail(STEP_OPEN_SOCKET, "attach a filter to", "packet socket");
}

// A ring and not the socket's buffer, of which an ordinary user may have only net.core.rmem_max bytes. Its slots also have the
// time of arrival (packet(7), linux/if_packet.h).
static void make_ring(struct place *place) {
  int version = TPACKET_V2, yes = 1;
  if (setsockopt(place->receiver, SOL_PACKET, PACKET_VERSION, &version, sizeof version))
    fail(STEP_OPEN_SOCKET, "set version of", "packet socket");
  // Linux 4.20. Without it, a path whose ends are in one namespace ignores what is sent by the type of the packet.
  (void)setsockopt(place->receiver, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes);
  unsigned need = TPACKET_ALIGN(TPACKET2_HDRLEN + 16 + ETH_HLEN) + (unsigned)place->capture, slot = 128, count = SLOTS_LEAST;
  while (slot < need) slot *= 2;
  while (count < SLOTS_MOST && count < place->frames_a_second * RING_SECONDS) count *= 2;
  unsigned block = slot > BLOCK ? slot : BLOCK;
  if (count < block / slot) count = block / slot;
  struct tpacket_req ring = {.tp_block_size = block, .tp_frame_size = slot, .tp_block_nr = count / (block / slot), .tp_frame_nr = count};
  if (setsockopt(place->receiver, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring))
    fail(STEP_ALLOCATE_MEMORY, "allocate memory", "ring of packet socket");
  place->slot_size = slot, place->slot_count = count;
  void *at = mmap(NULL, (size_t)slot * count, PROT_READ | PROT_WRITE, MAP_SHARED, place->receiver, 0);
  if (at == MAP_FAILED) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "ring of packet socket");
  place->ring = at;
}

static int open_socket(void) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail(STEP_OPEN_SOCKET, "open", "packet socket");
  return fd;
}

// Receives what comes in at any interface: a socket bound to a protocol would not see what comes in at a port of a bridge.
static void open_receiver(struct place *place) {
  place->receiver = open_socket();
  filter(place->receiver, place->capture);
  make_ring(place);
  struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  if (bind(place->receiver, (struct sockaddr *)(void *)&all, sizeof all)) fail(STEP_OPEN_SOCKET, "bind", "packet socket");
}

// Finds the index, the MAC address and the MTU of an interface of this namespace. Returns the index.
static int find_interface(const char *name, uint8_t *mac, int *mtu) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail(STEP_OPEN_SOCKET, "open", "socket");
  if (ioctl(fd, SIOCGIFHWADDR, &request)) fail(STEP_FIND_INTERFACE, "find interface", name);
  memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
  if (ioctl(fd, SIOCGIFMTU, &request)) fail(STEP_FIND_INTERFACE, "find interface", name);
  *mtu = request.ifr_mtu;
  if (ioctl(fd, SIOCGIFINDEX, &request)) fail(STEP_FIND_INTERFACE, "find interface", name);
  close(fd);
  return request.ifr_ifindex;
}

// Shortens the frames of a path to what its interface can send. A flood keeps its rate, with more frames.
static void fit(struct path *path, int mtu) {
  int most = mtu + ETH_HLEN < PROBE_LEAST ? PROBE_LEAST : mtu + ETH_HLEN;
  if (path->length <= most) return;
  if (path->is_flood) {
    path->count = (uint32_t)((uint64_t)path->count * (unsigned)path->length / (unsigned)most);
    path->interval = path->interval * most / path->length;
    if (path->interval < 1) path->interval = 1;
  }
  path->length = most;
}

void probe_sockets_open(struct probe_spec *spec) {
  if (getrandom(secret, sizeof secret, 0) != sizeof secret) fail(STEP_READ_RANDOM_BYTES, "read", "random bytes");
  for (int i = 0; i < spec->path_count; i++) {
    const struct path *path = &spec->paths[i];
    struct place *to = &spec->places[path->to];
    if (to->capture < capture_of(path)) to->capture = capture_of(path);
    to->frames_a_second += 1e9 / (double)path->interval;
  }
  uint8_t(*macs)[2][ETH_ALEN] = calloc((size_t)spec->path_count + 1, sizeof *macs);
  if (!macs) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "addresses");
  for (int at = 0; at < spec->place_count; at++) {
    struct place *place = &spec->places[at];
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)place->pid);
    namespaces_join(place->pid, place->start_time, CLONE_NEWNET, process);
    for (int i = 0; i < spec->path_count; i++) {
      struct path *path = &spec->paths[i];
      int mtu;
      if (path->to == at) path->arrives_at_index = find_interface(path->arrives_at, macs[i][1], &mtu);
      if (path->from == at) path->sends_at_index = find_interface(path->sends_at, macs[i][0], &mtu), fit(path, mtu);
      if (path->from == at && place->sender < 0) place->sender = open_socket();
      if (path->to == at && place->receiver < 0) open_receiver(place);
    }
  }
  for (int i = 0; i < spec->path_count; i++) make_frame(&spec->paths[i], macs[i][0], macs[i][1], i);
  free(macs);
}

static void set_sequence(struct path *path, uint32_t sequence) {
  struct body *body = (struct body *)(void *)(path->frame + ETH_HLEN);
  for (int i = 0; i < COPIES; i++) body->numbers[i].sequence = htonl(sequence);
}

int probe_send(const struct probe_spec *spec, struct path *path, uint32_t sequence) {
  set_sequence(path, sequence);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(LOCAL_EXPERIMENTAL), .sll_ifindex = path->sends_at_index};
  ssize_t sent = sendto(spec->places[path->from].sender, path->frame, (size_t)path->length, 0, (struct sockaddr *)(void *)&to, sizeof to);
  return sent < 0 ? errno : 0;
}

// What most of the copies say, bit by bit.
static uint32_t vote(uint32_t a, uint32_t b, uint32_t c) { return ntohl((a & b) | (a & c) | (b & c)); }

static void take(struct probe_spec *spec, const struct place *place, const struct tpacket2_hdr *slot,
                 void (*arrived)(struct path *, uint32_t, int64_t, int)) {
  const struct sockaddr_ll *from = (const struct sockaddr_ll *)(const void *)((const uint8_t *)slot + TPACKET_ALIGN(sizeof *slot));
  const uint8_t *frame = (const uint8_t *)slot + slot->tp_mac;
  if (from->sll_pkttype == PACKET_OUTGOING || slot->tp_snaplen < ETH_HLEN + sizeof(struct body)) return;
  struct body body;
  memcpy(&body, frame + ETH_HLEN, sizeof body);
  const struct number *copy = body.numbers;
  uint32_t number = vote(copy[0].path, copy[1].path, copy[2].path);
  uint32_t sequence = vote(copy[0].sequence, copy[1].sequence, copy[2].sequence);
  if (number >= (uint32_t)spec->path_count) return;
  struct path *path = &spec->paths[number];
  if (&spec->places[path->to] != place || path->arrives_at_index != from->sll_ifindex || sequence >= path->next) return;
  int is_changed = 0;
  if (!path->is_flood) {
    set_sequence(path, sequence);
    is_changed = slot->tp_len != (unsigned)path->length || slot->tp_snaplen != slot->tp_len || memcmp(frame, path->frame, slot->tp_len);
  }
  arrived(path, sequence, (int64_t)slot->tp_sec * 1000000000 + slot->tp_nsec, is_changed);
}

void probe_receive(struct probe_spec *spec, struct place *place, void (*arrived)(struct path *, uint32_t, int64_t, int)) {
  if (place->receiver < 0) return;
  for (;;) {
    struct tpacket2_hdr *slot = (struct tpacket2_hdr *)(void *)(place->ring + (size_t)place->slot * place->slot_size);
    if (!(__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) return;
    take(spec, place, slot, arrived);
    __atomic_store_n(&slot->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    place->slot = (place->slot + 1) % place->slot_count;
  }
}

void probe_count_overrun(struct place *place) {
  struct tpacket_stats statistics;
  socklen_t length = sizeof statistics;
  if (place->receiver >= 0 && !getsockopt(place->receiver, SOL_PACKET, PACKET_STATISTICS, &statistics, &length))
    place->overrun += statistics.tp_drops;
}

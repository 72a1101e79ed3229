#define _GNU_SOURCE
#include "frame.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "random.h"

enum { MAC = 6, ETHERNET = 14, VLAN_TAG = 4, MOST_TAGS = 2, IPV4_LEAST = 20, IPV6_HEADER = 40, CHECKSUM = 2 };
enum { ETHERTYPE_SERVICE_VLAN = 0x88a8 };
// VIRTIO_NET_HDR_GSO_UDP_L4, which linux/virtio_net.h has since Linux 6.2.
enum { GSO_UDP = 5 };

static unsigned read16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

static void write16(uint8_t *at, unsigned value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

struct frame_size frame_size(const struct virtio_net_hdr *vnet, const uint8_t *data, uint32_t length) {
  enum { TCP_LENGTH = 12, UDP_HEADER = 8 };
  struct frame_size size = {1, length};
  unsigned kind = vnet->gso_type & ~(unsigned)VIRTIO_NET_HDR_GSO_ECN;
  if (kind == VIRTIO_NET_HDR_GSO_NONE || vnet->gso_size == 0) return size;
  // `hdr_len` is not the length of the headers, but of what the kernel had in one piece. The checksum begins with TCP or UDP.
  uint32_t headers = vnet->csum_start;
  if (kind == GSO_UDP) headers += UDP_HEADER;
  else if (headers + TCP_LENGTH < length) headers += (uint32_t)(data[headers + TCP_LENGTH] >> 4) * 4;
  if (headers >= length) return size;
  size.frames = (length - headers + vnet->gso_size - 1) / vnet->gso_size;
  size.bytes += (size.frames - 1) * headers;
  return size;
}

uint64_t frame_source(const struct packet *packet) {
  if (packet->length < 2 * MAC) return 0;
  uint64_t mac = 0;
  for (int i = 0; i < MAC; i++) mac = mac << 8 | packet->data[MAC + i];
  return mac;
}

// Finds the header of IP, behind VLAN tags. Returns where it begins, and sets `type` to its EtherType; 0 for other frames.
static uint32_t find_network(const struct packet *packet, unsigned *type) {
  uint32_t at = ETHERNET;
  for (int tags = 0; at <= packet->length; at += VLAN_TAG) {
    *type = read16(packet->data + at - 2);
    if ((*type != ETHERTYPE_VLAN && *type != ETHERTYPE_SERVICE_VLAN) || tags++ == MOST_TAGS) break;
  }
  if (*type == ETHERTYPE_IP && at + IPV4_LEAST <= packet->length) return at;
  if (*type == ETHERTYPE_IPV6 && at + IPV6_HEADER <= packet->length) return at;
  return 0;
}

int frame_mark(struct packet *packet) {
  unsigned type = 0;
  uint32_t at = find_network(packet, &type);
  if (!at) return 0;
  uint8_t *ip = packet->data + at;
  if (type == ETHERTYPE_IPV6) {
    if (!(ip[1] & 0x30)) return 0;
    ip[1] |= 0x30;
    return 1;
  }
  if (!(ip[1] & 3)) return 0;
  // RFC 1624, equation 3: the checksum of a header in which one word changes.
  unsigned before = read16(ip);
  ip[1] |= 3;
  unsigned sum = (~read16(ip + 10) & 0xffff) + (~before & 0xffff) + read16(ip);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  write16(ip + 10, ~sum & 0xffff);
  return 1;
}

static int has_ports(unsigned protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP ||
         protocol == IPPROTO_UDPLITE;
}

static uint64_t hash(uint64_t key, const uint8_t *data, size_t length) {
  for (; length > 0; length -= length < 8 ? length : 8, data += 8) {
    uint64_t word = 0;
    memcpy(&word, data, length < 8 ? length : 8);
    key = random_bits(key, word);
  }
  return key;
}

uint32_t frame_flow(const struct packet *packet, uint64_t key) {
  unsigned type = 0, protocol;
  uint32_t at = find_network(packet, &type), ports;
  const uint8_t *ip = packet->data + at;
  int is_fragment = 0;
  if (!at) {
    return (uint32_t)hash(key, packet->data, packet->length < ETHERNET ? packet->length : ETHERNET);
  } else if (type == ETHERTYPE_IP) {
    protocol = ip[9];
    is_fragment = (read16(ip + 6) & 0x3fff) != 0;
    ports = at + (ip[0] & 15) * 4U;
    key = hash(key, ip + 12, 8);
  } else {
    protocol = ip[6];
    ports = at + IPV6_HEADER;
    key = hash(key, ip + 8, 32);
  }
  key = random_bits(key, protocol);
  if (!is_fragment && has_ports(protocol) && ports + 4 <= packet->length) key = hash(key, packet->data + ports, 4);
  return (uint32_t)key;
}

// Computes the checksum that the kernel was to compute when the frame is sent (virtio_net_hdr, "needs csum").
static void complete_checksum(struct packet *packet) {
  struct virtio_net_hdr *vnet = &packet->vnet;
  uint32_t start = vnet->csum_start, field = start + vnet->csum_offset;
  int is_needed = vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
  vnet->flags = 0;
  if (!is_needed || field + CHECKSUM > packet->length) return;
  uint64_t sum = 0;
  for (uint32_t at = start; at + 1 < packet->length; at += 2) sum += read16(packet->data + at);
  if ((packet->length - start) & 1) sum += (unsigned)packet->data[packet->length - 1] << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  unsigned checksum = ~(unsigned)sum & 0xffff;
  // 0 stands for no checksum in UDP; in one's complement, 0xffff is the same number.
  write16(packet->data + field, checksum ? checksum : 0xffff);
  vnet->csum_start = vnet->csum_offset = 0;
}

void frame_corrupt(struct packet *packet, uint64_t random) {
  // Each segment of a larger frame gets its checksum when it is cut off.
  if (packet->vnet.gso_type == VIRTIO_NET_HDR_GSO_NONE) complete_checksum(packet);
  if (packet->length == 0) return;
  uint64_t bit = random % ((uint64_t)packet->length * 8);
  packet->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
}

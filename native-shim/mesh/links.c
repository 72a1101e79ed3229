#define _GNU_SOURCE
#include "links.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <string.h>

#include "../ping_spec.h"
#include "../report.h"

static int prefix_of(const unsigned char *mask, size_t length) {
  int bits = 0;
  for (size_t i = 0; i < length; i++) bits += __builtin_popcount(mask[i]);
  return bits;
}

// Finds the Ethernet interface that an address is on, among those of getifaddrs(3). Returns 0 for none.
static int find_interface(const struct ifaddrs *all, const char *name, struct link *link) {
  for (; all; all = all->ifa_next) {
    if (!all->ifa_addr || all->ifa_addr->sa_family != AF_PACKET || strcmp(all->ifa_name, name)) continue;
    const struct sockaddr_ll *hardware = (const void *)all->ifa_addr;
    if (hardware->sll_hatype != ARPHRD_ETHER) return 0;
    link->interface = hardware->sll_ifindex;
    memcpy(link->hardware, hardware->sll_addr, sizeof link->hardware);
    return 1;
  }
  return 0;
}

void links_read(struct mesh_node *node) {
  struct ifaddrs *first;
  if (getifaddrs(&first)) fail(STEP_READ_ADDRESSES, "read", "addresses");
  for (const struct ifaddrs *each = first; each; each = each->ifa_next) {
    int family = each->ifa_addr ? each->ifa_addr->sa_family : AF_UNSPEC;
    if ((family != AF_INET && family != AF_INET6) || !each->ifa_netmask) continue;
    if (!(each->ifa_flags & IFF_UP) || (each->ifa_flags & (IFF_NOARP | IFF_LOOPBACK))) continue;
    size_t length = family == AF_INET ? 4 : 16;
    struct link link = {.family = family};
    if (!find_interface(first, each->ifa_name, &link)) continue;
    memcpy(link.address, address_bytes((const void *)each->ifa_addr), length);
    // The netmask has no family of its own everywhere, so its place is that of the address.
    size_t at = (size_t)(address_bytes((const void *)each->ifa_addr) - (const unsigned char *)each->ifa_addr);
    link.prefix = prefix_of((const unsigned char *)each->ifa_netmask + at, length);
    node->links = ping_grow(node->links, node->link_count, sizeof *node->links);
    node->links[node->link_count++] = link;
  }
  freeifaddrs(first);
}

static const struct link *link_of(const struct mesh_node *node, const union address *address) {
  size_t length = address->any.sa_family == AF_INET ? 4 : 16;
  for (int i = 0; i < node->link_count; i++)
    if (node->links[i].family == address->any.sa_family && !memcmp(node->links[i].address, address_bytes(address), length))
      return &node->links[i];
  return NULL;
}

static const struct link *link_to(const struct mesh_node *node, const union address *address) {
  const unsigned char *bytes = address_bytes(address);
  for (int i = 0; i < node->link_count; i++) {
    const struct link *link = &node->links[i];
    if (link->family != address->any.sa_family) continue;
    size_t whole = (size_t)link->prefix / 8;
    unsigned char rest = (unsigned char)(0xff00 >> (link->prefix % 8));
    if (memcmp(link->address, bytes, whole)) continue;
    if (link->prefix % 8 == 0 || ((link->address[whole] ^ bytes[whole]) & rest) == 0) return link;
  }
  return NULL;
}

int links_between(const struct mesh_spec *mesh, int a, int b, const struct link **near, const struct link **far) {
  const struct mesh_node *one = &mesh->nodes[a], *other = &mesh->nodes[b];
  const union address *address = mesh_address(mesh, a, b);
  // A node that has both addresses shares the network namespace of the other.
  if (!address || link_of(one, address)) return 0;
  *near = link_to(one, address), *far = link_of(other, address);
  return *near && *far;
}

const struct link *links_local(const struct mesh_node *node, const struct link *link) {
  for (int i = 0; i < node->link_count; i++) {
    const struct link *each = &node->links[i];
    if (each->family == AF_INET6 && each->interface == link->interface && each->address[0] == 0xfe &&
        (each->address[1] & 0xc0) == 0x80)
      return each;
  }
  return NULL;
}

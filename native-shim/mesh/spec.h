// The spec of the verb `mesh`: nodes, and the addresses that each of them pings.
#pragma once
#include <sys/types.h>

#include "../icmp.h"

enum { LISTS_MAX = 8, SIDE_MAX = 22, TILE_MAX = SIDE_MAX * SIDE_MAX };

// An address of an interface on which neighbours are resolved (ARP or neighbour discovery).
struct link {
  int family, interface, prefix;  // interface: its index
  unsigned char hardware[6];
  unsigned char address[16];  // an IPv4 address takes the first 4
};

struct mesh_node {
  pid_t pid;  // 0 for a node that has ended, which is only pinged
  unsigned long long start_time;
  int list;     // whose addresses it pings; -1 for none
  int icmp[2];  // sockets: IPv4, IPv6; -1 for none
  int netlink;  // -1 for none
  int is_heard;   // whether it has answered another node (greet.h)
  struct link *links;
  int link_count;
};

struct mesh_spec {
  int count;  // requests of each pair
  double timeout_ms;
  int share, shares;  // which part of the mesh this process pings, of how many
  int side;           // of a tile, in nodes
  int forget;         // whether neighbour entries that were made for a pair are removed once it is pinged
  struct mesh_node *nodes;
  int node_count;
  union address *lists[LISTS_MAX];  // by node; the family is 0 for a node that is not pinged
};

// Reads the spec from standard input. A setting that it does not contain keeps its value. Fails on a word or value that is wrong.
void mesh_spec_read(struct mesh_spec *mesh);
// The address that node `from` pings at node `to`; NULL for none.
const union address *mesh_address(const struct mesh_spec *mesh, int from, int to);
// The bytes of an address: 4 or 16.
const unsigned char *address_bytes(const union address *address);

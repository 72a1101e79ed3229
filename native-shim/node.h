// A node's own set-up, run as its first process, and then its life as PID 1.
#pragma once
#include "spec.h"

enum { MAPS_MAX = 8 };

// One node as the spec describes it. The words point into the spec.
struct node {
  const char *name, *title, *hostname, *domainname, *netns_name;
  const char *uid_maps[MAPS_MAX], *gid_maps[MAPS_MAX];
  int uid_map_count, gid_map_count;
  int deny_setgroups;
  // Where its `bind`, `file` and `sysctl` words begin; they are read again by the node itself.
  size_t words;
};

// Reads the words of one node up to its `end`. Returns 0 when there is no further node.
int node_read(struct spec *spec, struct node *node);

// Sets the node up once `go` gives a byte (its uid map is written then), writes a byte to `done`, and is PID 1 from
// then on. Reports what fails, and ends.
_Noreturn void node_main(const struct node *node, struct spec *spec, int go, int done);

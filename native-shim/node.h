// A node's own set-up, run as its first process, and then its life as PID 1.
#pragma once
#include "spec.h"

// As many lines as surely fit into a page, which is what the kernel takes at once.
enum { MAPS_MAX = 100, TIME_OFFSETS_MAX = 2, TREES_MAX = 128 };

// One node as the spec describes it. The words point into the spec.
struct node {
  const char *name, *title, *hostname, *domainname, *netns_name;
  const char *uid_maps[MAPS_MAX], *gid_maps[MAPS_MAX], *time_offsets[TIME_OFFSETS_MAX];
  int uid_map_count, gid_map_count, time_offset_count;
  int deny_setgroups;
  // CLONE_NEW* bits: namespaces of its own, and ones that it shares. The others are the caller's.
  int own, shared;
  // Of those, the ones that it makes itself: its own, and shared ones that are not there yet.
  int makes;
  // Name of its cgroup, and directory of the /dev/shm that it shares; NULL for none.
  const char *cgroup, *shm;
  // Mount namespace to join instead of mounting anything; 0 for none.
  int mount_namespace;
  // Copies of what is to be mounted in it, in the order in which that is done.
  int trees[TREES_MAX], tree_count, trees_attached;
  // Where the words about its files, mounts and sysctls begin; they are read again by the node itself.
  size_t words;
};

// Reads the words of one node up to its `end`. Returns 0 when there is no further node.
int node_read(struct spec *spec, struct node *node);

// Opens what the node is to have mounted. Done by who may reach it, in the mount namespace that the node's is copied from.
void node_open_trees(struct node *node, struct spec *spec);
void node_close_trees(const struct node *node);

// Sets the host name and domain name of the UTS namespace that the caller is in.
void node_set_names(const struct node *node);

// Sets the node up once `go` gives a byte (its uid map is written then), writes a byte to `done`, and is PID 1 from
// then on. Reports what fails, and ends.
_Noreturn void node_main(struct node *node, struct spec *spec, int go, int done);

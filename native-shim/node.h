// A node: its description in the spec, and its first process, which sets the node up and is then its PID 1.
#pragma once
#include "operations.h"
#include "spec.h"

// As many lines of an id map as surely fit into one page, since the kernel takes a map in one write of at most a page.
enum { MAPS_MAX = 100, TIME_OFFSETS_MAX = 2 };

// One node as the spec describes it. All texts point into the spec.
struct node {
  const char *name, *title, *hostname, *domainname, *netns_name;
  const char *uid_maps[MAPS_MAX], *gid_maps[MAPS_MAX], *time_offsets[TIME_OFFSETS_MAX];
  int uid_map_count, gid_map_count, time_offset_count;
  int deny_setgroups;
  // CLONE_NEW* bits: the namespaces that are the node's alone, and those that nodes of the spec share. All others are
  // the caller's.
  int own, shared;
  // CLONE_NEW* bits: the namespaces that the node's first process makes. Those are its own, and shared ones that no
  // earlier node has made.
  int makes;
  // Number of the keeper's descriptor of the network namespace that the node keeps, with the user namespace that owns it: neither
  // is among the namespaces above. 0 for a new node.
  int kept;
  // Whether the user namespace is the node's alone, also one that it keeps.
  int has_own_user;
  // Descriptors of what it keeps. No user namespace where that is the caller's. 0 for none.
  int kept_net, kept_user;
  // Name of its cgroup, and the directory that is its /dev/shm because it shares its IPC namespace; NULL for none.
  const char *cgroup, *shm;
  // Descriptor of a copy of that directory (mounts.h); -1 for none.
  int shm_tree;
  // Descriptor of the mount namespace to join instead of mounting anything; 0 for none.
  int mount_namespace;
};

// Reads the words of one node up to its `end`: settings go into the node, operations into the list, whose former
// content is forgotten. Returns 0 when there is no further node.
int node_read(struct spec *spec, struct node *node, struct operations *operations);

// Sets the host name and domain name of the UTS namespace that the caller is in.
void node_set_names(const struct node *node);

// Sets the node up, in its first process: waits until a byte comes from `go`, which says that the id maps are written,
// then works through the node's settings and operations, writes a byte to `done`, and is the node's PID 1 from then on.
// Reports what fails, and exits.
_Noreturn void node_main(struct node *node, struct operations *operations, struct spec *spec, int go, int done);

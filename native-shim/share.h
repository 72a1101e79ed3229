// Namespaces that a node does not make for itself alone. Of those that several nodes share, the first of the nodes makes it, and
// the later ones join it.
#pragma once
#include "namespaces.h"
#include "node.h"

// The shared namespaces that exist so far: one descriptor for each kind, 0 for none.
struct shared_namespaces {
  int fds[NAMESPACE_KINDS];
};

// Reads the word `shared`, which says that a process that runs is in one of these namespaces, so that new nodes join it.
void share_running(struct shared_namespaces *shared, struct spec *spec);
// Opens the namespaces that a node keeps, if any, and closes them again. `keeper` is the process that holds the network.
void share_open_kept(struct node *node, pid_t keeper);
void share_close_kept(struct node *node);
// The CLONE_NEW* bits to clone a node's first process with. Two namespaces are left for that process to make: a time
// namespace cannot be cloned, and a cgroup namespace must wait until the process is in its cgroup.
int share_clone_flags(const struct node *node);
// Opens the directory that is the node's /dev/shm. Returns a descriptor of a copy of its mount (mounts.h).
int share_open_shm(const struct node *node);
// Clones the first process of a node that keeps or shares namespaces: in those that exist, and in new ones. Sets `makes` and
// `mount_namespace` of the node. `cgroup` is the node's, in the cgroup `cgroups`; -1 for none. Returns as fork(2) does.
pid_t share_clone(const struct shared_namespaces *shared, struct node *node, int cgroups, int cgroup);
// Opens the shared namespaces that this node was the first to use. The node must be set up.
void share_remember(struct shared_namespaces *shared, const struct node *node, pid_t pid);

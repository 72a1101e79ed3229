// Nodes that share namespaces with each other: the first of them makes a namespace, the later ones join it.
#pragma once
#include "namespaces.h"
#include "node.h"

// What is shared so far: a descriptor for each kind, 0 for none.
struct pool {
  int fds[NAMESPACE_KINDS];
};

// The CLONE_NEW* bits to clone a node with. Those of time cannot be cloned, and a cgroup namespace is made only once the
// process is in its cgroup.
int share_clone_flags(const struct node *node);
// As fork(2), in the namespaces that the node shares and in new ones. Says in node->makes which of them it made.
pid_t share_clone(const struct pool *pool, struct node *node, int cgroup);
// Takes up the namespaces that this node, which is set up, is the first to share.
void share_learn(struct pool *pool, const struct node *node, pid_t pid);

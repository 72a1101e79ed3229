// The links between the nodes of a mesh: on which interfaces two of them are neighbours.
#pragma once
#include "spec.h"

// Reads the links of a node from the current network namespace.
void links_read(struct mesh_node *node);
// Finds the interfaces by which two nodes may be neighbours, for the address at which a pings b. Returns whether there are
// any. That the nodes are on one segment is only guessed, from the prefixes.
int links_between(const struct mesh_spec *mesh, int a, int b, const struct link **near, const struct link **far);
// The link-local IPv6 address on the same interface; NULL for none.
const struct link *links_local(const struct mesh_node *node, const struct link *link);

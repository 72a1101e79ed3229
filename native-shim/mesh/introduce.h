// Introduces nodes of a mesh to each other: makes their kernels resolve each other's hardware addresses by unicast before the
// first request, where that request would make them ask everybody on the segment.
#pragma once
#include "spec.h"

// Nodes a and b are neighbours by these links.
struct introduction {
  int a, b;
  const struct link *near, *far;
  int is_stranger;  // whether one of the two had no entry of the other
};

// Introduces each two nodes, and returns how many of the list were strangers; these are moved to its front. Entries that the
// kernel has not confirmed in time are removed again, so that it resolves these addresses itself, as for any packet.
int introduce(const struct mesh_spec *mesh, struct introduction *list, int count);
// Removes the entries that two strangers have of each other, but none that somebody has made permanent.
void forget(const struct mesh_spec *mesh, const struct introduction *list, int count);

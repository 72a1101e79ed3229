// Introduces nodes of a mesh to each other: makes their kernels resolve each other's hardware addresses by unicast before the
// first request, where that request would make them ask everybody on the segment.
#pragma once
#include "spec.h"

// KNOWN: each had an entry of the other. MET: both have one now. UNMET: the kernel has not got an answer in time.
enum introduction_state { KNOWN, MET, UNMET };

// Nodes a and b are neighbours by these links.
struct introduction {
  int a, b;
  const struct link *near, *far;
  enum introduction_state state;
};

// Makes the introduction of two nodes that may be neighbours, in which one asks that pings the other: a node that does not answer
// questions must not get known by its own. Returns 0 when there is none.
int introduction_of(const struct mesh_spec *mesh, int one, int other, struct introduction *introduction);
// Introduces each two nodes, of which the first asks. Entries that the kernel has not confirmed in time are removed again, so that
// it resolves these addresses itself, as for any packet. Returns whether the neighbour table of the machine had room for all
// entries.
int introduce(const struct mesh_spec *mesh, struct introduction *list, int count);
// Removes the entries that two strangers have of each other, but none that somebody has made permanent.
void forget(const struct mesh_spec *mesh, const struct introduction *list, int count);

// Lets every node of a mesh be heard once, before the tiles.
#pragma once
#include "spec.h"

// Introduces each node to one other, so that the switches between them learn where it is: a frame to a node that has never sent
// one goes to all ports, and many at once would fill the queues. Sets `is_heard` of the nodes that have neighbours and answer.
void greet(struct mesh_spec *mesh);

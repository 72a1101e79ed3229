// Directories of the machine in which every user may make files (mode 1777): each node has its own. What a node left
// there would be seen by other nodes, and would stay when the lab is gone.
#pragma once

// Covers each with the empty directory `empty`, in the mount namespace that nodes are copied from: root of a node that
// unmounts its own comes upon that.
void temporary_cover(const char *empty);
// Mounts an empty tmpfs over each that was covered, in a node, and records it as the node's own (mounts.h).
void temporary_mount(void);

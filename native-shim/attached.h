// The mounts that a node's spec has asked for so far, by their paths. A new mount over a directory would hide those below
// it, so they are copied before and attached again after.
#pragma once

// Attaches a copy of a mount (mounts.h) to a path, and records it.
void attached_add(int tree, const char *target);
// Records a mount that has been made at a path.
void attached_remember(const char *target);
// Copies the mounts below a directory, before a new mount on the directory hides them.
void attached_copy_below(const char *directory);
// Attaches those copies to the paths where they were, on the new mount.
void attached_put_back(void);

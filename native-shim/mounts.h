// Mounting by descriptor (open_tree(2), move_mount(2), Linux 5.2), and which file systems a node has mounted itself.
#pragma once
#include <sys/stat.h>

// A copy of what is mounted at a path and below, as a descriptor; -1 with errno.
int mounts_copy(const char *source);
// Attaches a copy to a path; -1 with errno.
int mounts_attach(int tree, const char *target);
// Makes a copy and all below read-only (mount_setattr(2), Linux 5.12); -1 with errno.
int mounts_make_read_only(int tree);
// Remembers that the file system at a path is the node's own.
void mounts_own(const char *path);
int mounts_is_own(dev_t device);

// Mounting by descriptor (open_tree(2) and move_mount(2), Linux 5.2), and a record of the file systems that are the
// node's own.
#pragma once
#include <sys/stat.h>

// Copies the mount at a path, from that path on, with all mounts below. Returns a descriptor of the copy, or -1 with
// errno.
int mounts_copy(const char *source);
// Makes a procfs of the caller's PID namespace (fsmount(2), Linux 5.2). Returns a descriptor of its mount, or -1 with
// errno.
int mounts_make_proc(void);
// Attaches such a copy or mount to a path. Returns 0, or -1 with errno.
int mounts_attach(int tree, const char *target);
// Makes such a copy read-only, with all mounts in it (mount_setattr(2), Linux 5.12). Returns 0, or -1 with errno.
int mounts_make_read_only(int tree);
// Whether errno, which a look for a path has left, says that the caller has no such path. Other errors say nothing about
// the path.
int mounts_path_is_missing(void);
// Records that the file system at a path is the node's own, so that files may be made there.
void mounts_own(const char *path);
// Whether the file system with this device number is recorded as the node's own.
int mounts_is_own(dev_t device);

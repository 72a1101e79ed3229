// A node's private file systems, its bound files and its sysctls. All of it happens in the node's own namespaces.
#pragma once

struct files {
  // A directory to be the node's /dev/shm; NULL for a new one.
  const char *shm;
  // The IPC namespace is not the node's own: whether it may be mounted is not sure.
  int foreign_ipc;
};

// Mounts /proc, /run, /tmp and /dev, which are the node's own from then on (mounts.h). Where the machine's /proc is
// masked, as in a container, the kernel allows no other (mount_namespaces(7)): the node keeps that one, with a warning.
// /sys is left for the first `exec`, since mounting it is slow.
void files_mount(const struct files *files);
// Attaches a copy of a file of the lab's (mounts.h) over one of the machine's. A target that is not there is skipped, with a
// warning.
void files_bind(int tree, const char *target);
// Puts a file of the node's own, with this content, over one of the machine's. Skipped as `files_bind` is.
void files_write(const char *target, const char *content);
// Writes a sysctl(8) key: dots part it, a slash stands for a dot inside a name. One that cannot be written but has that
// value already is fine.
void files_sysctl(const char *key, const char *value);
// The same, but one that cannot be written only gives a warning: that /proc/sys cannot.
void files_try_sysctl(const char *key, const char *value);

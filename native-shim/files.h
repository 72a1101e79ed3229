// The file systems that every node has, the files that are bound over the machine's, and sysctls. The caller is the
// node's first process, in the node's own namespaces.
#pragma once

struct files {
  // Descriptor of the copy of a mount (mounts.h) that becomes the node's /dev/shm; -1 for a new tmpfs.
  int shm;
  // Whether the IPC namespace is not the node's own, so that the node may lack the right to mount mqueue.
  int foreign_ipc;
};

// Mounts /proc, /run, /tmp and /dev, and records them as the node's own (mounts.h). Where parts of the machine's /proc
// are masked, as in a container, the kernel refuses a new one (mount_namespaces(7)): the node then sees the machine's
// /proc, with a warning. /sys is left to the first `exec`, since mounting it is slow.
void files_mount(const struct files *files);
// Writes a sysctl. In its key, as in sysctl(8), dots part the names and a slash stands for a dot inside a name. A
// sysctl that cannot be written is accepted when it has the value already.
void files_sysctl(const char *key, const char *value);
// As files_sysctl, but a sysctl that is missing or may not be written only gives a warning, about /proc/sys as a whole.
void files_try_sysctl(const char *key, const char *value);

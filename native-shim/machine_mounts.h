// Tells file systems of the machine from those that nodes have mounted for themselves.
#pragma once
#include <sys/types.h>

// Remembers the file systems that the caller and this process, the keeper, see. To be called in the machine's mount namespace.
void machine_mounts_read(pid_t keeper);
// Whether an open file is on a file system that none of the two sees, so that a node has made it. To be called in the node.
int machine_mounts_lack(int fd);

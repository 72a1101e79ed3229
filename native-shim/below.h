// What lies below a node's own /proc, /run, /dev, and directories such as /tmp (temporary.h). Root of a node may unmount
// what the node has mounted, but not what its mount namespace was copied with from a mount namespace of another user
// namespace (mount_namespaces(7)). So nodes are copied from a mount namespace in which the machine's directories are covered
// already: /run, /tmp and its like by nothing, /proc by one without processes, /dev by the devices that nodes have.
#pragma once

// Makes that mount namespace, as a copy of the caller's. Where parts of the machine's /proc are masked, as in a container,
// the kernel refuses nodes a /proc of their own, and the machine's is not covered.
void below_make(void);
// Moves the calling process into that mount namespace, to clone a node there.
void below_enter(void);
// Moves it back.
void below_leave(void);

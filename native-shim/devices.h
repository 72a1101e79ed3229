// The devices that a node has in its /dev: null, zero, full, random, urandom, tty, and net/tun where it may open it.
#pragma once

// Mounts a tmpfs over /dev and binds the node's devices in it, from the /dev below. A device that is not there is left
// out with a warning, net/tun without one.
void devices_mount(void);
// As devices_mount, for the /dev that lies below the /dev of all nodes. It says nothing of what is not there.
void devices_mount_below(void);

// Neighbour entries of nodes, over rtnetlink (rtnetlink(7), "RTM_NEWNEIGH"). A failure of the kernel's is the caller's to judge.
#pragma once

struct neighbour {
  int socket;             // of the namespace, from neighbours_open
  int family, interface;  // interface: its index
  const unsigned char *address, *hardware;
  int state;  // NUD_*, 0 for no entry
  int error;  // errno of the last call for it; 0 for none
  int owner;  // the caller's own number
};

// Opens a socket for the current network namespace. Returns a descriptor, or -1 with errno.
int neighbours_open(void);
// Makes those entries that do not exist, in the state NUD_PROBE: the kernel asks each hardware address itself, by unicast, within
// a tick of its clock, and makes the entry NUD_REACHABLE when that answers. Sets `state` to NUD_PROBE for an entry that was
// made, and to 0 for any other, with `error` EEXIST when it exists.
void neighbours_probe(struct neighbour *list, int count);
// Reads `state`.
void neighbours_look_up(struct neighbour *list, int count);
void neighbours_remove(struct neighbour *list, int count);

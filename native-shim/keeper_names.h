// The names of nodes in /run/netns, where ip-netns(8) looks: symbolic links to descriptors of the keeper.
#pragma once

// Makes a link to a descriptor. A name that exists belongs to somebody else and is left alone.
void keeper_names_add(const char *name, int fd);
// Removes the links to these descriptors, whatever their names are.
void keeper_names_remove(const int *fds, int count);

// A place for files and mounts while they are made: the node's own /run. It is reached by a descriptor and not by its
// path, since a mount that the user asked for may cover /run, and a file made there would then be one of the machine's.
#pragma once

enum { SCRATCH_PATH = 64 };

// Opens the descriptor. To be called right after the node's /run is mounted; keep_only closes it when the node is set
// up.
void scratch_open(void);
// Mounts a tmpfs in that place, for things that will be mounted elsewhere. Failures name `target`, where the user will
// see them.
void scratch_mount(const char *target);
// Writes the path of a name in that tmpfs into `path`, and returns it; "" is the tmpfs itself, and other names begin with a slash.
const char *scratch_mounted_path(const char *name, char path[SCRATCH_PATH]);
// Unmounts the tmpfs. Its files stay where they have been mounted meanwhile.
void scratch_unmount(const char *target);

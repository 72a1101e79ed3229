// A place for files and mounts while they are made: the node's own /run. It is reached by a descriptor and not by its
// path, since a mount that the user asked for may cover /run, and a file made there would then be one of the machine's.
#pragma once

enum { SCRATCH_PATH = 64 };

// Opens the descriptor. To be called right after the node's /run is mounted; keep_only closes it when the node is set
// up.
void scratch_open(void);
// Writes the path of a name in that place into `path`, and returns it.
const char *scratch_path(const char *name, char path[SCRATCH_PATH]);

// Where what is mounted elsewhere is made: the node's own /run. It is reached through its descriptor, since what the user
// mounts may cover its name, and then a file made at /run would be one of the machine's.
#pragma once

enum { SCRATCH_PATH = 64 };

// To be called when the node's /run has just been mounted; it is open until the node is set up.
void scratch_open(void);
// The path of a name there.
const char *scratch_path(const char *name, char path[SCRATCH_PATH]);

// A place for files and directories that will be mounted elsewhere in the node: in the file system of its own /run, but
// outside of what the node sees of it. It is reached by a descriptor and not by its path, since a mount that the user
// asked for may cover /run, and a file made there would then be one of the machine's. Names stay, hidden below the
// node's /run: a file without a name could not be mounted once more (open_tree(2)), and unmounting a file system of its
// own would take longer than making a node's files.
#pragma once

enum { SCRATCH_PATH = 64 };

// Mounts the node's /run and opens the place beside it. keep_only closes the descriptor when the node is set up.
void scratch_open(void);
// Writes the path of a new name in that place into `path`, and returns it.
const char *scratch_path(char path[SCRATCH_PATH]);
// As scratch_path, and makes a directory there. Failures name `target`, where the user will see what is made in it.
const char *scratch_directory(const char *target, char path[SCRATCH_PATH]);

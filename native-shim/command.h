// The command that `exec` runs in a node: its environment, and the search for its program.
#pragma once
#include "verbs.h"

// Sets the variables that say who one is in a node, and those of the options; removes those that nslab sets for itself.
void command_set_environment(const struct options *options);
// Becomes the command, found by PATH, or the program of a descriptor if that is not -1. An empty command is bash, or sh where there is no bash. Exits with 126 when it
// cannot be started and with 127 when it is not found, as sh(1) does; reports `refused` with the errno then.
_Noreturn void command_run(char **command, int program);

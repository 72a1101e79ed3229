// The caller's terminal on standard input, raw while keys go to a command in a node. It is left alone while nslab is in the
// background of it: a shell reads its lines there.
#pragma once
#include <termios.h>

struct terminal {
  struct termios before;
  int is_raw;
};

// Makes the terminal raw, unless it is so, this process is in the background, or the terminal is gone.
void terminal_take(struct terminal *terminal);
// Restores the settings that the terminal had before.
void terminal_give_back(struct terminal *terminal);

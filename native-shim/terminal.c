#define _GNU_SOURCE
#include "terminal.h"

#include <unistd.h>

// Also true for a terminal that is not the controlling one: it has no background.
static int in_foreground(void) {
  pid_t owner = tcgetpgrp(STDIN_FILENO);
  return owner < 0 || owner == getpgrp();
}

void terminal_take(struct terminal *terminal) {
  if (terminal->is_raw || !in_foreground() || tcgetattr(STDIN_FILENO, &terminal->before)) return;
  struct termios raw = terminal->before;
  cfmakeraw(&raw);
  // When the command is part of a pipeline, other programs write to the terminal, too, and need its translation of line
  // ends.
  if (!isatty(STDOUT_FILENO) || !isatty(STDERR_FILENO)) raw.c_oflag |= terminal->before.c_oflag & (OPOST | ONLCR);
  terminal->is_raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void terminal_give_back(struct terminal *terminal) {
  // A process in the background is stopped when it sets the terminal (SIGTTOU). This is one when the caller was killed
  // and a shell has taken the terminal back.
  if (terminal->is_raw && in_foreground()) tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
  terminal->is_raw = 0;
}

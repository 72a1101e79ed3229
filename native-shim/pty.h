// A pseudo-terminal of the node (pty(7)), whose output is copied to the caller's terminal, and the caller's keys to it.
#pragma once
#include "child.h"

struct pty {
  int master;  // -1 for none
  int slave;
};

// Opens a pseudo-terminal in the node's /dev, with the size of the caller's terminal.
void pty_open(struct pty *pty);
// Makes the slave the controlling terminal of the calling process, which must lead a session, and puts it in place of
// those of standard input, output and error that are terminals.
void pty_attach(const struct pty *pty);
// Copies keys and output until the command has ended and its output is read. Returns its status as waitpid(2) gives it.
// Meanwhile the caller's terminal is raw; it is restored afterwards. `signals` is that of child_signals, with SIGWINCH
// and the signals that are passed on to the command.
int pty_relay(const struct pty *pty, const struct child *child, int signals);

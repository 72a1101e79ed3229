// A terminal inside the node, relayed to the caller's.
#pragma once
#include <sys/types.h>

struct pty {
  int master;  // -1 without one
  int slave;
};

// Opens a terminal of the node's own, of the size of the caller's.
void pty_open(struct pty *pty);
// In the command's process, the first of its session: makes the slave its controlling terminal and its stdio, as far as
// that was a terminal.
void pty_attach(const struct pty *pty);
// Relays until the command ends and its output is drained; returns its wait status. The caller's terminal is raw
// meanwhile (but for its output, where that of others may come to it), and as before afterwards. `signals` is a signalfd
// with SIGCHLD and SIGWINCH and what is to be passed on.
int pty_relay(const struct pty *pty, pid_t child, int signals);

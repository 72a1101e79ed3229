// A pseudo-terminal of the node (pty(7)) in place of the caller's terminal. Its output is copied to that terminal, and the
// caller's keys to it when the command's input is the terminal. So a node never has a descriptor of the terminal itself,
// on which it could read what the caller types.
#pragma once
#include "child.h"

struct pty {
  int master;      // -1 for none
  int slave;
  int terminal;    // the descriptor of the caller's terminal: standard input, output or error
  int takes_keys;  // whether it is standard input
};

// What to do with a signal that somebody has sent to this process.
typedef void signal_handler(const struct child *child, const struct signalfd_siginfo *info);

// Opens a pseudo-terminal in the node's /dev, with the size of the caller's terminal, when one of standard input, output
// and error is a terminal.
void pty_open(struct pty *pty);
// Puts the slave in place of those of standard input, output and error that are terminals. When it takes keys, it becomes
// the controlling terminal of the calling process, which must lead a session.
void pty_attach(const struct pty *pty);
// Copies keys and output until the command has ended and its output is read. Returns its status as waitpid(2) gives it.
// When it takes keys, the caller's terminal is raw meanwhile, and is restored afterwards; when the command stops, the job
// of the caller's shell stops with it. `signals` is that of
// child_signals, with SIGWINCH. All other signals but SIGCHLD are given to `handle`.
int pty_relay(const struct pty *pty, struct child *child, int signals, signal_handler *handle);

// The child of a verb that may lie in a lab's PID namespace while the verb itself lies outside. The kernel keeps such a
// namespace until every process in it is reaped, so it must not have to wait for the verb, which anybody may have stopped:
// the kernel itself reaps the child, and the verb learns the child's status from the signal SIGCHLD.
#pragma once
#include <sys/signalfd.h>
#include <sys/types.h>

struct child {
  pid_t pid;
  int pidfd;  // refers to the child even when its PID has been given to another process
  int job;    // the channel to the command, of which the child leads the session (job.h); -1 when it is the command
};

// Blocks SIGCHLD, SIGNAL_END and these other signals, and lets the kernel reap children. Returns a signalfd(2) of the
// signals. To be called before child_make; the child calls reset_signals.
int child_signals(const int *others, size_t count);
// Makes a process with clone3(2) and CLONE_* flags. Returns as fork(2) does.
pid_t child_make(struct child *child, unsigned long long flags);
// Waits for the next signal. Returns 1 when the child has ended, with its status as waitpid(2) gives it, else 0 with the
// signal.
int child_next(const struct child *child, int signals, struct signalfd_siginfo *info, int *status);
// Waits until the child has ended, and kills it when SIGNAL_END comes. Returns its status as waitpid(2) gives it.
int child_wait(const struct child *child, int signals);
// Sends the command a signal, unless it has ended. SIGKILL goes to the child, with which the command ends.
void child_signal(const struct child *child, int number);
// Sends a signal to all processes of the process group that the command leads, or to the command where it leads none yet.
void child_signal_group(const struct child *child, int number);
// Kills what is left of the process group that the child led, which has ended.
void child_kill_rest(const struct child *child);

// The process that stands before the verb `exec` when nslab itself has become the shim (execve(2)): it has the PID that
// the caller of nslab knows, so it gets the signals that are meant for the command. The verb itself runs in a child, which
// outlives it for long enough to end and reap the command, even when this process is killed.
#pragma once
#include <stddef.h>
#include <sys/signalfd.h>

// The signals that are passed on to the command, and SIGWINCH, which tells that the caller's terminal has another size.
extern const int FRONT_SIGNALS[];
extern const size_t FRONT_SIGNAL_COUNT;

// Forks. Returns in the child alone. The other process passes on signals until the child has ended, and then ends with its
// status, or by the signal that ended the command when it has passed that on.
void front_start(void);
// Stops the job of the caller's shell that this process is part of, as Ctrl-Z does: with `all`, every process of that job;
// else the process in front, since the others are stopped already, or, where there is none, this one if it leads the job.
// SIGCONT comes afterwards: at once where no shell could continue the job.
void front_stop(int all);
// The signal by which the other process passes signals on: signals of its number wait in a queue, so none is lost, and
// none can be mistaken for one that the terminal sends to both.
int front_signal(void);
// When this is a signal that the other process has passed on, makes it what that process got.
void front_unwrap(struct signalfd_siginfo *info);

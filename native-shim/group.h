// The process group of a command that is to leave nothing behind when it is asked to end.
#pragma once
#include "child.h"

// Waits until the command has ended, as a caller without a terminal does who wants its output. Signals that ask it to end go to
// its whole process group, as those of a terminal do; once it has ended, the rest of the group is killed. Without such
// a signal, reports the status as {"ended":STATUS}, and waits for one, or for SIGNAL_END, since processes in the background may
// still write. Other signals go to the command alone. Returns the status as waitpid(2) gives it.
int group_supervise(const struct child *child, int signals, void (*pass_on)(const struct child *,
                                                                            const struct signalfd_siginfo *));

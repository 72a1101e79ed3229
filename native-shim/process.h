// Processes: how they are made and titled, how they end with their parent, and what they keep open.
#pragma once
#include <signal.h>
#include <sys/types.h>

// Makes a process with clone3(2). `flags` are CLONE_* bits; SIGCHLD tells of its end. `cgroup` is a descriptor of a
// cgroup of version 2 to start it in, or -1. Returns as fork(2) does.
pid_t clone_process(unsigned long long flags, int cgroup);
// Returns a descriptor of a process (pidfd_open(2)), or -1 with errno.
int open_pidfd(pid_t pid);
// Asks the kernel to kill this process when its parent ends (PR_SET_PDEATHSIG), and exits when the parent, known by its
// PID, has ended already. A change of user or user namespace cancels the request, so it must be made again afterwards.
void die_with_parent(pid_t parent);
// As die_with_parent, right after a fork into another PID namespace, in which the parent has no PID. Instead, the
// parent must hold the other end of this pipe, which is closed when it ends.
void follow_parent(int pipe);
// The signal that ends a verb together with the process that it has started. That process may be in the lab's PID
// namespace, which the kernel keeps until every process in it is reaped. Were the verb killed, the process would be
// reaped by the machine's PID 1, which may do so late, or by PID 1 of a container, which may never do so.
enum { SIGNAL_END = SIGPWR };
// Ignores SIGPIPE, and asks the kernel to send SIGNAL_END when the parent ends. To be called after child_signals and
// before the fork; the child calls reset_signals.
void end_with_parent(pid_t parent);
// Exits, because a child has ended before it did what it was made for. A child that failed has reported why; when a
// signal killed it, this is reported. `what` names the child in a failure.
_Noreturn void give_up(pid_t child, const char *what);
// Records where the arguments and the environment lie in memory. To be called first in main.
void title_area(char **argv, char **environment);
// Sets the title that ps(1) shows, by overwriting the arguments and the environment. A title that is longer is cut off.
void set_title(const char *title);
// Closes all descriptors from 3 on but those in the list. Those are closed by exec(3). Sorts the list.
void close_others(int *fds, int count);
// As close_others, and makes 0, 1 and 2 /dev/null.
void keep_only(int *fds, int count);
// Becomes root of the user namespace that the caller is in, without groups unless setgroups(2) is denied. `what` names
// the process in a failure.
void become_root(const char *what);
// Lets nobody trace this process or read its memory, environment and descriptors (PR_SET_DUMPABLE), but those with
// CAP_SYS_PTRACE over the user namespace in which the program was started. A process that has joined the user namespace
// of a node would otherwise be open to root of the node. execve(2) makes the process readable again.
void hide_memory(void);
// Undoes hide_memory.
void show_memory(void);
// Lets this process have as many descriptors as it may give itself.
void raise_file_limit(void);
// Gives all signals their default dispositions, and unblocks them.
void reset_signals(void);

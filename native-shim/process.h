// Processes: who one is, how one is made, what it is called, and that it dies with its parent.
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

// Field 22 of /proc/PID/stat (proc_pid_stat(5)); 0 with errno set when there is no such process.
unsigned long long start_time(pid_t pid);
// clone3(2) with SIGCHLD; like fork(2), 0 in the child. The child starts in a cgroup of version 2 where a descriptor of
// one is given; -1 for none.
pid_t clone_process(unsigned long long flags, int cgroup);
int open_pidfd(pid_t pid);
// The number that a child, or a zombie of one, has where /proc was mounted: the caller's. -1 with errno.
pid_t outer_pid(pid_t child);
// Has the kernel kill this process when its parent ends, which is known by its number. To be called again after a change of
// user or user namespace, with which the kernel forgets it (prctl(2), PR_SET_PDEATHSIG).
void die_with_parent(pid_t parent);
// The same, right after a fork into another PID namespace, from which the parent cannot be seen: it holds the other end of
// this pipe, and closes it by its end.
void follow_parent(int pipe);
// Ends a verb and the process it has started. That is in a lab's PID namespace, which lasts until it is reaped: the verb
// does so, since the machine's PID 1 is slow, and a container's may reap nothing.
enum { SIGNAL_END = SIGPWR };
// Blocks SIGNAL_END and SIGCHLD, ignores SIGPIPE, and has the kernel send SIGNAL_END when the parent ends. To be called
// before a fork, whose child calls reset_signals.
void end_with_parent(pid_t parent);
// Waits for that child, and kills it on SIGNAL_END. Returns its status as waitpid(2) tells it.
int wait_until_end(pid_t child);
// Remembers the argument and environment area; to be called first in main.
void title_area(char **argv, char **environment);
// What ps(1) shows from now on; cut to the area that title_area found. Environment variables are gone after it.
void set_title(const char *title);
// Closes every descriptor from 3 on but the listed ones, which will not outlive exec(3). Sorts the list.
void close_others(int *fds, int count);
// The same, and points 0, 1 and 2 at /dev/null.
void keep_only(int *fds, int count);
// Writes a text to a file of /proc, whole or not at all. Returns 0, or -1 with errno.
int write_file(const char *path, const char *text);
// Writes lines to a file of a process in /proc, such as uid_map, in one go.
void write_lines(pid_t pid, const char *file, const char *const *lines, int count);
// Becomes root of the user namespace, without groups where they may be dropped. `what` is said when that fails.
void become_root(const char *what);
// Default dispositions and an empty mask.
void reset_signals(void);

// Files of /proc, as it was mounted when the program started: it shows the processes of the caller's PID namespace, also
// after the program has joined a mount namespace whose /proc shows others, or none. Paths begin with /proc/.
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

// Opens /proc. To be called first.
void proc_init(void);
// These return what open(2) and stat(2) return, with errno.
int proc_open(const char *path, int flags);
int proc_stat(const char *path, struct stat *now);
// Reads the beginning of a file, as much as fits, as a string. Returns 0, or -1 with errno.
int proc_read(const char *path, char *text, size_t room);
// Writes a text to a file in one write(2), as the kernel demands. Returns 0, or -1 with errno.
int proc_write(const char *path, const char *text);
// Writes lines in one write(2) to /proc/PID/uid_map, gid_map or setgroups. `file` is its name.
void proc_write_lines(pid_t pid, const char *file, const char *const *lines, int count);
// When a process was started: field 22 of /proc/PID/stat (proc_pid_stat(5)). `what` names the process in a failure.
unsigned long long proc_start_time(pid_t pid, const char *what);
// The PID that the process of a pidfd has in the PID namespace of /proc. Works for a zombie, too. Returns -1 with errno.
pid_t proc_pid_of(int pidfd);

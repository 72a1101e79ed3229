// The process in a node that leads the session of a command on a terminal, as a shell does: a process group whose parent is in
// the same session can be stopped with Ctrl-Z (setpgid(2), "orphaned"). The command is its only job, in the foreground.
#pragma once

// Leads the session of the calling process with the terminal `terminal`, and never returns there: it ends with the status of
// the command. Returns in another process, which is to become the command. `channel` is one end of a pair of sockets
// (SOCK_SEQPACKET); whoever has the other end calls the functions below.
void job_lead(int channel, int terminal);
// Sends a signal to the command, or to all processes of its process group.
void job_signal(int channel, int number, int to_group);
// Reads a message of the job: that the command has stopped. Returns 0 when no more will come.
int job_has_stopped(int channel);

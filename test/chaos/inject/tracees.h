// The processes and threads that are traced, and the role that each of them has.
#pragma once
#include <sys/types.h>

enum { ROLE_ROOM = 48, OBJECT_ROOM = 128 };

struct tracee {
  pid_t pid;
  pid_t process;  // its thread group
  int known;      // its maker has been seen to make it; until then it is left stopped
  char role[ROLE_ROOM];
  // What was done at the entry of the system call that it is in.
  int entered;                  // number of the call
  unsigned long arguments[6];
  int skipped;                  // the call is not carried out, and answers with the chosen error
  int answers;                  // the call is carried out, and answers with the chosen error
  unsigned long altered;        // address of a request that was altered
  unsigned char original[8];    // its type and flags
};

// The tracee with this PID, made when there is none.
struct tracee *tracee_of(pid_t pid);
void tracee_forget(pid_t pid);

// A new thread has the role of the thread that made it; a new process has it with +1 for each fork since execve(2).
void tracee_born(struct tracee *child, const struct tracee *maker);
// The role of a process that has just executed a program: `cli` for nslab itself, the verb for the shim, else the
// program's name.
void tracee_executed(struct tracee *tracee);

// The process of this role that was met last; 0 when there is none.
pid_t tracee_with_role(const char *role);

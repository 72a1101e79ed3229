// inject [--user UID] [--trace FILE] [--hit FILE] [--role R] [--call C] [--object O] [--nth N|all] [ACTION] -- COMMAND…
//
// Runs a command, traces it and everything that it starts, and at the N-th system call that fits the choice does one of
//
//   --errno E             the call is not carried out, and fails with the error E
//   --answer E            the call is carried out, and its caller is told that it failed with E, as close(2) may
//   --signal S --to WHOM  WHOM is sent the signal S as the call begins: `self`, `group` (the command's process group), a
//                         role, or a PID
//
// Every process has a role: `cli` for nslab, the name of the verb for the shim, a program's name for others; and `+N`
// for what has forked N times since: `lab+1` is the keeper, `spawn+2` the first process of a node. A netlink request counts as
// a call named `netlink`, in addition to the call that sends it; --errno then is what the kernel answers.
//
// --trace writes each call, one a line: role, call and object, with tabs between them. --hit writes the call at which
// something was done, in the same way. The exit status is the command's, 128 + the signal that ended it, or 99; when the command has
// ended, the others run on without being traced. Only for x86-64.
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <linux/ptrace.h>
#include <unistd.h>

#include "calls.h"
#include "refuse.h"
#include "tracees.h"

enum { STATUS_FAILED = 99 };

static struct {
  const char *role, *call, *object, *to;
  long nth;  // 0 for none, -1 for each
  int error, answer, signal, user;
  FILE *trace, *hit;
  long met;
} options;

static pid_t command;

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
  exit(STATUS_FAILED);
}

static void note(FILE *file, const struct tracee *tracee, const char *call, const char *object) {
  if (file) fprintf(file, "%s\t%s\t%s\n", tracee->role, call, object);
}

// Whether a call is the chosen one.
static int is_chosen(const struct tracee *tracee, const char *call, const char *object) {
  if (options.nth == 0 || (options.role && strcmp(options.role, tracee->role))) return 0;
  if ((options.call && strcmp(options.call, call)) || (options.object && strcmp(options.object, object))) return 0;
  options.met++;
  if (options.nth > 0 && options.met != options.nth) return 0;
  return 1;
}

static void note_hit(const struct tracee *tracee, const char *call, const char *object) {
  note(options.hit, tracee, call, object);
  if (options.hit) fflush(options.hit);
}

static pid_t victim_of(const struct tracee *tracee) {
  if (!strcmp(options.to, "self")) return tracee->process;
  if (!strcmp(options.to, "group")) return -command;
  int pid = atoi(options.to);
  return pid > 0 ? pid : tracee_with_role(options.to);
}

// Returns whether there was a victim.
static int send_signal(const struct tracee *tracee) {
  pid_t victim = victim_of(tracee);
  return victim != 0 && !kill(victim, options.signal);
}

// Whether a netlink request is to be refused.
static int meet_request(const struct tracee *tracee, const char *object) {
  note(options.trace, tracee, "netlink", object);
  if (!options.call || !is_chosen(tracee, "netlink", object)) return 0;
  if (!options.signal || send_signal(tracee)) note_hit(tracee, "netlink", object);
  return !options.signal;
}

static void set_registers(pid_t pid, int number, long result) {
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, pid, 0, &registers)) return;
  if (number) registers.orig_rax = (unsigned long)-1;
  else registers.rax = (unsigned long)result;
  ptrace(PTRACE_SETREGS, pid, 0, &registers);
}

static void at_entry(struct tracee *tracee, const struct ptrace_syscall_info *info) {
  char object[OBJECT_ROOM];
  tracee->entered = (int)info->entry.nr;
  for (int i = 0; i < 6; i++) tracee->arguments[i] = info->entry.args[i];
  tracee->skipped = tracee->answers = 0;
  call_object(tracee, object, sizeof object);
  refuse_at_entry(tracee, meet_request);
  note(options.trace, tracee, call_name(tracee->entered), object);
  if (!is_chosen(tracee, call_name(tracee->entered), object)) return;
  if (!options.signal || send_signal(tracee)) note_hit(tracee, call_name(tracee->entered), object);
  if (options.signal) return;
  if (options.answer) tracee->answers = 1;
  else tracee->skipped = 1, set_registers(tracee->pid, 1, 0);
}

static void at_exit(struct tracee *tracee, const struct ptrace_syscall_info *info) {
  if (tracee->skipped) set_registers(tracee->pid, 0, -options.error);
  else if (tracee->answers) set_registers(tracee->pid, 0, -options.answer);
  else refuse_at_exit(tracee, (long)info->exit.rval, options.error);
  tracee->skipped = tracee->answers = 0;
}

static void on_call(struct tracee *tracee) {
  struct ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, sizeof info, &info) <= 0) return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) at_entry(tracee, &info);
  else if (info.op == PTRACE_SYSCALL_INFO_EXIT) at_exit(tracee, &info);
}

static void on_birth(const struct tracee *maker) {
  unsigned long pid;
  if (ptrace(PTRACE_GETEVENTMSG, maker->pid, 0, &pid)) return;
  struct tracee *child = tracee_of((pid_t)pid);
  int waits = child->known < 0;
  tracee_born(child, maker);
  if (waits) ptrace(PTRACE_SYSCALL, child->pid, 0, 0);
}

static int is_stop(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void on_stop(pid_t pid, int status) {
  struct tracee *tracee = tracee_of(pid);
  int signal = WSTOPSIG(status), event = status >> 16;
  if (tracee->known <= 0) {
    // It was told to stop before its maker told of it.
    tracee->known = -1;
    return;
  }
  switch (event) {
    case PTRACE_EVENT_FORK: case PTRACE_EVENT_VFORK: case PTRACE_EVENT_CLONE: on_birth(tracee); break;
    case PTRACE_EVENT_EXEC: tracee_executed(tracee); break;
    case PTRACE_EVENT_STOP:
      if (!is_stop(signal)) break;
      ptrace(PTRACE_LISTEN, pid, 0, 0);
      return;
    default:
      if (signal != (SIGTRAP | 0x80)) {
        ptrace(PTRACE_SYSCALL, pid, 0, signal);
        return;
      }
      on_call(tracee);
  }
  ptrace(PTRACE_SYSCALL, pid, 0, 0);
}

// Until the command ends; returns its status.
static int trace(void) {
  for (int status;;) {
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) fail("wait");
    if (WIFSTOPPED(status)) {
      on_stop(pid, status);
      continue;
    }
    tracee_forget(pid);
    if (pid == command) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

static _Noreturn void become_command(int go, char **words) {
  char byte;
  setpgid(0, 0);
  if (read(go, &byte, 1) != 1) _exit(STATUS_FAILED);
  if (options.user && (setgroups(0, NULL) || setgid((gid_t)options.user) || setuid((uid_t)options.user)))
    fail("become the user");
  execvp(words[0], words);
  fail(words[0]);
}

static void start(char **words) {
  int go[2];
  if (pipe(go)) fail("pipe");
  command = fork();
  if (command < 0) fail("fork");
  if (command == 0) {
    close(go[1]);
    become_command(go[0], words);
  }
  close(go[0]);
  setpgid(command, command);
  struct tracee *first = tracee_of(command);
  first->known = 1;
  snprintf(first->role, sizeof first->role, "start");
  long follow = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SEIZE, command, 0, follow) || ptrace(PTRACE_INTERRUPT, command, 0, 0)) fail("trace");
  if (write(go[1], "", 1) != 1) fail("let go");
  close(go[1]);
}

static FILE *opened(const char *path) {
  FILE *file = fopen(path, "we");
  if (!file) fail(path);
  return file;
}

static void read_option(const char *name, const char *value) {
  if (!strcmp(name, "--user")) options.user = atoi(value);
  else if (!strcmp(name, "--trace")) options.trace = opened(value);
  else if (!strcmp(name, "--hit")) options.hit = opened(value);
  else if (!strcmp(name, "--role")) options.role = value;
  else if (!strcmp(name, "--call")) options.call = value;
  else if (!strcmp(name, "--object")) options.object = value;
  else if (!strcmp(name, "--nth")) options.nth = strcmp(value, "all") ? atol(value) : -1;
  else if (!strcmp(name, "--errno")) options.error = atoi(value);
  else if (!strcmp(name, "--answer")) options.answer = atoi(value);
  else if (!strcmp(name, "--signal")) options.signal = atoi(value);
  else if (!strcmp(name, "--to")) options.to = value;
  else errno = EINVAL, fail(name);
}

int main(int argc, char **argv) {
  int at = 1;
  options.to = "self";
  for (; at + 1 < argc && strcmp(argv[at], "--"); at += 2) read_option(argv[at], argv[at + 1]);
  if (at + 1 >= argc) errno = EINVAL, fail("no command");
  start(argv + at + 1);
  int status = trace();
  if (options.trace) fclose(options.trace);
  return status;
}

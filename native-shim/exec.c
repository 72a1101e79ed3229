// The verb `exec`: joins a node, runs a command in all of its namespaces, and exits with the command's status.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces.h"
#include "process.h"
#include "pty.h"
#include "report.h"
#include "scope.h"
#include "verbs.h"

enum { STATUS_CANNOT_START = 126, STATUS_NOT_FOUND = 127, ALL_NAMESPACES = -1 };

static const int FORWARDED[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGUSR1, SIGUSR2, SIGCONT};

// Joins the namespaces of the node's process, which must be the one that the caller means.
static void join_node(const struct options *options) {
  char text[32];
  snprintf(text, sizeof text, "process %d", (int)options->pid);
  // In a node of another user, which has one id only, setgroups(2) is denied. So root drops its groups before it joins.
  if (geteuid() == 0 && setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", text);
  if (namespaces_join(options->pid, options->start_time, ALL_NAMESPACES, text) == 0) return;
  become_root(text);
}

// Mounts the node's /sys, unless an earlier `exec` has: mounting sysfs is slow, so `spawn` leaves it out. `host_sys` is
// the device of the machine's /sys, which the node sees until then.
static void mount_sys(dev_t host_sys) {
  struct stat now;
  // A lock, since two commands may enter the node at once.
  SCOPED_FD lock = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock >= 0) flock(lock, LOCK_EX);
  if (stat("/sys", &now) || now.st_dev != host_sys) return;
  if (!mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return;
  if (report_fd() >= 0) warn(STEP_MOUNT_SYS, "mount", "/sys");
  else print_error_line("nslab: warning: cannot mount /sys in the node: %s", strerror(errno));
}

// Changes to a directory, or stays in / with a warning.
static void enter_directory(const char *directory) {
  if (!*directory || !chdir(directory)) return;
  if (report_fd() >= 0) warn(STEP_CHANGE_DIRECTORY, "enter", directory);
  else print_error_line("nslab: warning: %s is not there in the node, working in /", directory);
}

static void set_environment(void) {
  // nslab sets these variables for processes of its own. A nslab that is run in the node must not see them.
  static const char *const internal[] = {"NSLAB_CALLER_UID", "NSLAB_NEIGHBOUR_LIMITS", "NSLAB_ROOTLESS_REFUSED",
                                         "NSLAB_TITLE_ROOM"};
  for (size_t i = 0; i < sizeof internal / sizeof *internal; i++) unsetenv(internal[i]);
  // Root of a node may rarely enter the machine's /root; /tmp is the node's own.
  setenv("HOME", access("/root", R_OK | X_OK) ? "/tmp" : "/root", 1);
  setenv("USER", "root", 1), setenv("LOGNAME", "root", 1), setenv("container", "nslab", 1);
  const char *path = getenv("PATH");
  if (!path || !*path) setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  else if (!strstr(path, "/usr/sbin")) {
    SCOPED_FREE char *longer = NULL;
    if (asprintf(&longer, "%s:/usr/local/sbin:/usr/sbin:/sbin", path) > 0) setenv("PATH", longer, 1);
  }
}

static void set_variables(const struct options *options) {
  for (int i = 0; i < options->variable_count; i++)
    if (putenv(options->variables[i])) fail(STEP_SET_VARIABLE, "set", options->variables[i]);
}

// Runs a command as execvp(3) does, but skips directories of PATH that root of the node may not search, such as one in
// the caller's home: execvp(3) would report every missing command as one that may not be run. Returns with errno when
// it fails.
static void run_from_path(char **command) {
  if (strchr(command[0], '/')) {
    execv(command[0], command);
    return;
  }
  int error = ENOENT;
  SCOPED_FREE char *directories = strdup(getenv("PATH"));
  char *rest = NULL;
  for (char *each = strtok_r(directories, ":", &rest); each; each = strtok_r(NULL, ":", &rest)) {
    SCOPED_FREE char *path = NULL;
    if (asprintf(&path, "%s/%s", each, command[0]) < 0) return;
    execv(path, command);
    int failed = errno;
    if (failed != ENOENT && failed != ENOTDIR && !access(path, F_OK)) error = failed;
  }
  errno = error;
}

// Becomes the command. An empty command is bash, or sh where there is no bash.
static _Noreturn void run(char **command) {
  static char bash[] = "bash", sh[] = "sh";
  char *shell[] = {bash, NULL}, *plain_shell[] = {sh, NULL};
  reset_signals();
  run_from_path(command[0] ? command : shell);
  if (!command[0]) run_from_path(plain_shell);
  int error = errno;
  print_error_line("nslab: %s: %s", command[0] ? command[0] : "sh", strerror(error));
  _exit(error == ENOENT || error == ENOTDIR ? STATUS_NOT_FOUND : STATUS_CANNOT_START);
}

static int exit_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

// Passes a signal on. One from the kernel comes from the terminal and means all processes of the command; one that a
// process has sent means the command itself.
static void pass_on(pid_t child, const struct signalfd_siginfo *info) {
  int number = (int)info->ssi_signo;
  if (number == SIGTSTP) {
    // SIGTSTP does not stop an orphaned process group (setpgid(2)), which that of the command is; SIGSTOP does.
    kill(-child, SIGSTOP);
    // A shell that has started this process as a job of its own must see it stop. Else the shell sees the caller, and
    // this process does not stop, so that it can reap the command: a lab cannot end before its commands are reaped.
    if (getpgrp() == getpid()) raise(SIGSTOP);
  } else if (number == SIGNAL_END) {
    kill(child, SIGKILL);
  } else {
    kill(info->ssi_code > 0 || number == SIGCONT ? -child : child, number);
  }
}

// Waits until a command without a terminal has ended, and passes signals on to it: also those that the caller's
// terminal sends, since that terminal does not know the command. Returns its status.
static int supervise(pid_t child, int signals) {
  for (;;) {
    struct signalfd_siginfo info;
    int status;
    if (read(signals, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGCHLD) {
      if (waitpid(child, &status, WNOHANG) == child) return exit_status(status);
    } else if (info.ssi_signo != SIGWINCH) {
      pass_on(child, &info);
    }
  }
}

// Blocks the signals that matter while the command runs, and returns a signalfd(2) of them.
static int watch_signals(void) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGWINCH);
  sigaddset(&watched, SIGNAL_END);
  for (size_t i = 0; i < sizeof FORWARDED / sizeof *FORWARDED; i++) sigaddset(&watched, FORWARDED[i]);
  sigprocmask(SIG_BLOCK, &watched, NULL);
  int fd = signalfd(-1, &watched, SFD_CLOEXEC);
  if (fd < 0) fail(STEP_WATCH_SIGNALS, "watch", "signals");
  return fd;
}

// Opens the cgroup.procs of a cgroup, as the caller: since Linux 5.16 the rights of the process that opened the file
// count, not those of the process that writes. Returns -1 when the caller may not, or the cgroup is gone; the command
// then stays in the caller's cgroup.
static int open_cgroup(const char *path) {
  SCOPED_FREE char *processes = NULL;
  if (!path || asprintf(&processes, "%s/cgroup.procs", path) < 0) return -1;
  return open(processes, O_WRONLY | O_CLOEXEC);
}

// Moves this process, if it can.
static void enter_cgroup(int processes) {
  if (processes >= 0 && write(processes, "0", 1) < 0) return;
}

void verb_exec(const struct options *options) {
  if (options->pid <= 0 || !options->start_time) usage("exec needs --pid and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  SCOPED_FREE char *here = getcwd(NULL, 0);
  const char *directory = options->directory ? options->directory : here ? here : "";
  struct stat host_sys = {0};
  stat("/sys", &host_sys);
  int cgroup = open_cgroup(options->cgroup);

  // Processes in the node may follow /proc/PID/cwd of this one as soon as it has joined the node's user namespace. Joining
  // a mount namespace changes the directory to / as well, but the node may have the caller's.
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "enter", "/");
  join_node(options);
  mount_sys(host_sys.st_dev);
  enter_directory(directory);
  set_environment();
  set_variables(options);
  struct pty pty = {.master = -1};
  if (options->terminal && isatty(STDIN_FILENO)) pty_open(&pty);
  int signals = watch_signals(), alive[2];
  if (pipe2(alive, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  end_with_parent(caller);
  pid_t child = fork();
  if (child < 0) fail(STEP_FORK, "fork", "exec");
  if (child == 0) {
    close(alive[1]);
    follow_parent(alive[0]);
    enter_cgroup(cgroup);
    // A new session, which has no controlling terminal. With the caller's, the command could type on it (ioctl_tty(2),
    // TIOCSTI).
    setsid();
    pty_attach(&pty);
    run(options->command);
  }
  int status = pty.master < 0 ? supervise(child, signals) : 0;
  if (pty.master >= 0) status = exit_status(pty_relay(&pty, child, signals));
  _exit(status);
}

// The verb `exec`: joins a node, runs a command in all of its namespaces, and exits with the command's status.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "child.h"
#include "command.h"
#include "front.h"
#include "group.h"
#include "job.h"
#include "keyring.h"
#include "namespaces.h"
#include "priority.h"
#include "process.h"
#include "pty.h"
#include "report.h"
#include "scope.h"
#include "verbs.h"

enum { ALL_NAMESPACES = -1 };

// The directory in which the command is to run.
struct directory {
  const char *path;
  int exists;   // on the machine
  int matters;  // whether the command can tell it from another
};

// Whether the caller's directory matters to a command: to a shell, and when a word names something there.
static int matters_to(char **command) {
  if (!command[0]) return 1;
  for (char **word = command; *word; word++)
    if (**word && **word != '/' && (word > command || strchr(*word, '/')) && !access(*word, F_OK)) return 1;
  return 0;
}

static struct directory directory_for(const struct options *options, const char *here) {
  if (!options->directory) return (struct directory){here, 1, *here && matters_to(options->command)};
  return (struct directory){options->directory, !access(options->directory, F_OK), 1};
}

// Lets a command that has an end of a pipe open that end once more, as /dev/stdout: the pipe belongs to the caller, who is
// somebody else than root of the node in a lab of root's. It is no more than the command has already: who has the writing
// end may open only that.
static void let_pipes_be_opened(void) {
  for (int fd = 0; fd < 3; fd++) {
    struct statfs system;
    struct stat pipe;
    if (fstatfs(fd, &system) || system.f_type != PIPEFS_MAGIC || fstat(fd, &pipe)) continue;
    int access_mode = fcntl(fd, F_GETFL) & O_ACCMODE;
    mode_t more = (access_mode == O_WRONLY ? 0 : 0044) | (access_mode == O_RDONLY ? 0 : 0022);
    // The caller may not change a pipe of somebody else's. Then the command has to do without.
    if (fchmod(fd, (pipe.st_mode & 07777) | more)) continue;
  }
}

// Joins the namespaces of the node's process, which must be the one that the caller means. Returns the kinds that it has
// joined.
static int join_node(const struct options *options) {
  char text[32];
  snprintf(text, sizeof text, "process %d", (int)options->pid);
  // In a node of another user, which has one id only, setgroups(2) is denied. So root drops its groups before it joins.
  if (geteuid() == 0 && setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", text);
  hide_memory();
  int joined = namespaces_join(options->pid, options->start_time, ALL_NAMESPACES, text);
  if (joined) become_root(text);
  hide_memory();  // a change of user sets it to what /proc/sys/fs/suid_dumpable says
  // Only now, so that the keyring belongs to root of the node, and its keys are counted as that user's.
  keyring_leave(text);
  return joined;
}

// The device of the machine's /sys, which a node sees until the first command is run in it; 0 for none.
static dev_t device_of_sys(void) {
  struct stat sys;
  if (!stat("/sys", &sys)) return sys.st_dev;
  if (errno != ENOENT) fail(STEP_MOUNT_SYS, "find", "/sys");
  return 0;
}

// Mounts sysfs. Where the machine's is read-only, as in a container, the kernel allows only the same (mount_namespaces(7)).
static int mount_sysfs(void) {
  const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (!mount("sysfs", "/sys", "sysfs", flags, NULL)) return 0;
  return errno == EPERM ? mount("sysfs", "/sys", "sysfs", flags | MS_RDONLY, NULL) : -1;
}

// Mounts the node's /sys, unless an earlier `exec` has: mounting sysfs is slow, so `spawn` leaves it out. Of two that
// come at once, the kernel refuses one, since the same file system is mounted there already (EBUSY). Where the kernel
// refuses every node one (EPERM), the caller has said so when it made the lab.
static void mount_sys(dev_t machine) {
  struct stat now;
  if (machine && !stat("/sys", &now) && now.st_dev != machine) return;
  if (!machine || !mount_sysfs() || errno == EPERM) return;
  int error = errno;
  if (error == EBUSY && !stat("/sys", &now) && now.st_dev != machine) return;
  errno = error;
  if (report_fd() >= 0) warn(STEP_MOUNT_SYS, "mount", "/sys");
  else print_error_line("nslab: warning: cannot mount /sys in the node: %s", strerror(error));
}

// Changes to a directory, or to / with a warning where that matters to the command. Where the command has the mount
// namespace of the caller, it would otherwise keep the caller's directory, which root of the node may have no right to.
static void enter_directory(const struct directory *directory) {
  if (*directory->path && !chdir(directory->path)) return;
  int error = errno;
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "change directory", "/");
  if (!directory->matters) return;
  errno = error;
  if (report_fd() >= 0) warn(STEP_CHANGE_DIRECTORY, "enter", directory->path);
  else if (error == EACCES)
    print_error_line("nslab: warning: root of the node may not enter %s, working in /", directory->path);
  else if (directory->exists)
    print_error_line("nslab: warning: %s is hidden by a mount of the node, working in /", directory->path);
  else print_error_line("nslab: warning: there is no %s in the node, working in /", directory->path);
}

static int exit_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static void pass_on_to_command(const struct child *child, const struct signalfd_siginfo *info) {
  if (info->ssi_signo == SIGCONT) child_signal_group(child, SIGCONT);  // all of it was stopped
  else child_signal(child, info->ssi_signo == SIGNAL_END ? SIGKILL : (int)info->ssi_signo);
}

// Passes a signal on. One from the kernel comes from the terminal and means all processes of the command; one that a
// process has sent means the command itself.
static void pass_on(const struct child *child, const struct signalfd_siginfo *info) {
  int number = (int)info->ssi_signo;
  if (number == SIGTSTP) {
    // SIGTSTP does not stop an orphaned process group (setpgid(2)), which that of the command is; SIGSTOP does.
    child_signal_group(child, SIGSTOP);
    front_stop(0);
  } else if (number == SIGNAL_END) {
    child_signal(child, SIGKILL);
  } else if (info->ssi_code > 0 || number == SIGCONT) {
    child_signal_group(child, number);
  } else {
    child_signal(child, number);
  }
}

// Waits until a command without a terminal has ended, and passes signals on to it: also those that the caller's
// terminal sends, since that terminal does not know the command. Returns its status.
static int supervise(const struct child *child, int signals) {
  struct signalfd_siginfo info;
  int status;
  while (!child_next(child, signals, &info, &status))
    if (info.ssi_signo && info.ssi_signo != SIGCHLD && info.ssi_signo != SIGWINCH) pass_on(child, &info);
  return status;
}

// Opens the cgroup.procs of a cgroup, as the caller: since Linux 5.16 the rights of the process that opened the file
// count, not those of the process that writes. Returns -1 when the caller may not, or the cgroup is gone; the command
// then stays in the caller's cgroup.
static int open_cgroup(const char *path) {
  SCOPED_FREE char *processes = NULL;
  if (!path) return -1;
  if (asprintf(&processes, "%s/cgroup.procs", path) < 0) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", path);
  int fd = open(processes, O_WRONLY | O_CLOEXEC);
  if (fd < 0 && !cgroup_is_refused()) fail(STEP_ENTER_CGROUP, "open", processes);
  return fd;
}

// Moves this process, if it may be moved.
static void enter_cgroup(int processes) {
  if (processes < 0 || write(processes, "0", 1) == 1 || cgroup_is_refused()) return;
  fail(STEP_ENTER_CGROUP, "enter", "the cgroup of the node");
}

// Reports the PID of the command once it has replaced its process, which closes the reading end of the pipe, or has ended.
static void report_start(const struct child *child, int pipe) {
  struct pollfd replaced = {.fd = pipe};
  while (poll(&replaced, 1, -1) < 0)
    if (errno != EINTR) fail(STEP_RUN_PROGRAM, "wait for the start of", "the command");
  report_line("{\"started\":%d}", (int)child->pid);
}

void verb_exec(const struct options *options) {
  if (options->pid <= 0 || !options->start_time) usage("exec needs --pid and --start-time");
  if (options->group && report_fd() < 0) usage("--group needs --report");
  if (options->front) front_start();
  pid_t caller = getppid();
  die_with_parent(caller);
  SCOPED_FREE char *here = getcwd(NULL, 0);
  struct directory directory = directory_for(options, here ? here : "");
  let_pipes_be_opened();
  int cgroup = open_cgroup(options->cgroup);
  dev_t machine_sys = device_of_sys();
  priority_give_up_memory("the command");

  // Processes in the node may follow /proc/PID/cwd of this one as soon as it has joined the node's user namespace. Joining
  // a mount namespace changes the directory to / as well, but the node may have the caller's.
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "enter", "/");
  // Never in the mount namespace of the caller, whose /sys it would cover.
  if (join_node(options) & CLONE_NEWNS) mount_sys(machine_sys);
  enter_directory(&directory);
  command_set_environment(options);
  struct pty pty = {.master = -1};
  if (options->terminal) pty_open(&pty);
  struct child child;
  // The process in front passes on what the terminal and others send; what the terminal sends here as well is ignored.
  int passed = front_signal(), alive[2], job[2] = {-1, -1};
  int signals = options->front ? child_signals(&passed, 1) : child_signals(FRONT_SIGNALS, FRONT_SIGNAL_COUNT);
  if (pipe2(alive, O_CLOEXEC)) fail(STEP_MAKE_PIPE, "make", "pipe");
  if (pty.takes_keys && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, job))
    fail(STEP_MAKE_PIPE, "make", "socket pair");
  end_with_parent(caller);
  pid_t pid = child_make(&child, 0);
  if (pid < 0) fail(STEP_FORK, "fork", "exec");
  if (pid == 0) {
    close(alive[1]), close(job[0]);
    follow_parent(alive[0]);
    enter_cgroup(cgroup);
    // A new session, which has no controlling terminal. With the caller's, the command could type on it (ioctl_tty(2),
    // TIOCSTI).
    if (setsid() < 0) fail(STEP_START_SESSION, "start a session for", "the command");
    pty_attach(&pty);
    if (pty.takes_keys) job_lead(job[1], pty.slave);
    reset_signals();
    if (options->keep >= 0) fcntl(options->keep, F_SETFD, 0);
    command_run(options->command, options->program);
  }
  close(alive[0]), close(job[1]);
  child.job = job[0];
  if (options->group) report_start(&child, alive[1]);
  if (options->group) _exit(exit_status(group_supervise(&child, signals, pass_on)));
  if (pty.master < 0) _exit(exit_status(supervise(&child, signals)));
  // Keys such as Ctrl-C act on the command's own terminal when it takes keys.
  _exit(exit_status(pty_relay(&pty, &child, signals, pty.takes_keys ? pass_on_to_command : pass_on)));
}

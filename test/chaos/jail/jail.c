// jail [--cgroup DIR] [--show DIR:TARGET]… [--over FILE:TARGET]… -- COMMAND…
//
// Runs a command as root of a "machine" of its own, so that what it leaves behind can be told from what other programs
// do: PID, mount, network, UTS, IPC and cgroup namespaces, a session keyring, and empty file systems on /run, /tmp,
// /var/tmp and /dev/shm. Everything else is the machine's. The command is a child of PID 1, which reaps orphans; when the
// command ends, the kernel kills the rest. The exit status is the command's, 128 + the signal that ended it, or 99.
//
//   --cgroup   a cgroup of version 2 to be in, which becomes the root of what is mounted on /sys/fs/cgroup
//   --show     a directory of the machine to be seen read-only below one of the empty file systems
//   --over     a file to be seen in place of another, such as /etc/passwd
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#ifndef OPEN_TREE_CLONE  // an older C library's sys/mount.h
#include <linux/mount.h>
#endif

enum { STATUS_FAILED = 99, SHOWN_MAX = 16, PATH_ROOM = 4096 };

// A file or directory of the machine that is shown in the jail.
struct shown {
  int tree;  // descriptor of the detached mount
  const char *target;
  int is_directory;
};

static _Noreturn void fail(const char *action, const char *object) {
  fprintf(stderr, "jail: cannot %s %s: %s\n", action, object, strerror(errno));
  exit(STATUS_FAILED);
}

// Opens SOURCE of SOURCE:TARGET as a mount of its own, before anything is mounted over it.
static struct shown open_shown(char *pair, int is_directory) {
  char *colon = strchr(pair, ':');
  if (!colon) errno = EINVAL, fail("understand", pair);
  *colon = 0;
  struct shown shown = {.target = colon + 1, .is_directory = is_directory};
  shown.tree = (int)syscall(SYS_open_tree, AT_FDCWD, pair, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (shown.tree < 0) fail("open", pair);
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  if (syscall(SYS_mount_setattr, shown.tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes)) fail("protect", pair);
  return shown;
}

static void make_directories(const char *path) {
  char part[PATH_ROOM];
  for (size_t length = 1; length <= strlen(path) && length < sizeof part; length++) {
    if (path[length] != '/' && path[length] != 0) continue;
    memcpy(part, path, length), part[length] = 0;
    if (mkdir(part, 0755) && errno != EEXIST) fail("make", part);
  }
}

static void attach(const struct shown *shown) {
  if (shown->is_directory) make_directories(shown->target);
  else if (access(shown->target, F_OK)) return;  // a machine without that file has nothing to cover
  if (syscall(SYS_move_mount, shown->tree, "", AT_FDCWD, shown->target, MOVE_MOUNT_F_EMPTY_PATH))
    fail("show", shown->target);
  close(shown->tree);
}

static void mount_new(const char *type, const char *target, const char *options) {
  if (mount(type, target, type, MS_NOSUID | MS_NODEV, options)) fail("mount", target);
}

static void mount_all(const struct shown *shown, int count, int has_cgroup) {
  mount_new("proc", "/proc", NULL);
  mount_new("tmpfs", "/run", "mode=0755");
  mount_new("tmpfs", "/tmp", "mode=1777");
  mount_new("tmpfs", "/var/tmp", "mode=1777");
  mount_new("tmpfs", "/dev/shm", "mode=1777");
  // Of this network namespace, without the cgroups that the machine has mounted there.
  mount_new("sysfs", "/sys", NULL);
  if (has_cgroup) mount_new("cgroup2", "/sys/fs/cgroup", NULL);
  for (int i = 0; i < count; i++) attach(&shown[i]);
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request)) fail("raise", "lo");
  close(fd);
}

static void enter_cgroup(const char *directory) {
  char path[PATH_ROOM];
  snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) fail("enter", directory);
  close(fd);
}

static int status_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

// PID 1: starts the command, reaps whatever is orphaned, and ends as the command ends.
static _Noreturn void first_process(char **command) {
  pid_t pid = fork();
  if (pid < 0) fail("start", command[0]);
  if (pid == 0) {
    setsid();
    execvp(command[0], command);
    fail("run", command[0]);
  }
  for (int status;;) {
    pid_t ended = wait(&status);
    if (ended == pid) exit(status_of(status));
    if (ended < 0 && errno != EINTR) exit(STATUS_FAILED);
  }
}

int main(int argc, char **argv) {
  struct shown shown[SHOWN_MAX];
  int count = 0, at = 1;
  const char *cgroup = NULL;
  for (; at + 1 < argc && strcmp(argv[at], "--"); at += 2) {
    if (!strcmp(argv[at], "--cgroup")) cgroup = argv[at + 1];
    else if (count < SHOWN_MAX) shown[count++] = open_shown(argv[at + 1], !strcmp(argv[at], "--show"));
  }
  if (at + 1 >= argc) errno = EINVAL, fail("find", "a command");

  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) fail("ask for", "a death signal");
  if (cgroup) enter_cgroup(cgroup);
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0) fail("join", "a session keyring");
  if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP))
    fail("make", "namespaces");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail("make private", "/");
  pid_t pid = fork();
  if (pid < 0) fail("start", "PID 1");
  if (pid == 0) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL)) fail("ask for", "a death signal");
    if (sethostname("jail", 4)) fail("set", "the host name");
    mount_all(shown, count, cgroup != NULL);
    raise_loopback();
    first_process(argv + at + 1);
  }
  for (int status;;) {
    if (waitpid(pid, &status, 0) == pid) return status_of(status);
    if (errno != EINTR) fail("wait for", "PID 1");
  }
}

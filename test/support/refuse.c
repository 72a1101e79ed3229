// refuse CALL ERRNO TEXT COMMAND...: runs a command in which the kernel refuses a system call, such as `close_range`, with an
// errno. When TEXT is not empty, only calls whose path is TEXT are refused, or ends with TEXT when that begins with a slash.
// Holds for all processes that the command starts. Ends with the status of the command (seccomp(2), seccomp_unotify(2)).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// What the C library calls for each name. `path` is the index of the argument that is a path; -1 for none.
static const struct {
  const char *name;
  int number, path;
} CALLS[] = {
    {"close_range", SYS_close_range, -1}, {"keyctl", SYS_keyctl, -1}, {"sendto", SYS_sendto, -1}, {"stat", SYS_newfstatat, 1},
    {"open", SYS_openat, 1},              {"mkdir", SYS_mkdirat, 1},  {"flock", SYS_flock, -1},
#ifdef SYS_access
    {"access", SYS_access, 0},
#else
    {"access", SYS_faccessat, 1},
#endif
};

static int find(const char *name) {
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
    if (!strcmp(CALLS[i].name, name)) return (int)i;
  fprintf(stderr, "refuse: unknown call %s\n", name);
  exit(2);
}

// Lets the kernel take `action` at a system call. Returns the descriptor of the filter, when `flags` ask for one.
static int filter(int number, unsigned action, unsigned flags) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  if (geteuid() != 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (fd < 0) perror("refuse: seccomp"), exit(2);
  return fd;
}

static int has_path(pid_t pid, unsigned long long address, const char *text) {
  char path[64], bytes[4096] = "";
  snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
  int memory = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = pread(memory, bytes, sizeof bytes - 1, (off_t)address);
  // A path near the end of a page: the next one may not be mapped.
  if (length < 0) length = pread(memory, bytes, 4096 - (address & 4095), (off_t)address);
  close(memory);
  bytes[length > 0 ? length : 0] = 0;
  size_t end = strlen(bytes), wanted = strlen(text);
  return !strcmp(bytes, text) || (*text == '/' && end > wanted && !strcmp(bytes + end - wanted, text));
}

static void answer(int listener, int path, int error, const char *text) {
  struct seccomp_notif call = {0};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) return;
  int refused = has_path((pid_t)call.pid, call.data.args[path], text);
  struct seccomp_notif_resp response = {
      .id = call.id, .error = refused ? -error : 0, .flags = refused ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static int status_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  int call = find(argv[1]), error = atoi(argv[2]), tell[2];
  if (!*argv[3]) {
    filter(CALLS[call].number, SECCOMP_RET_ERRNO | (unsigned)error, 0);
    execvp(argv[4], argv + 4);
    return 127;
  }
  // The child shares its descriptors until it executes the command, so the number of the filter's is enough.
  if (pipe2(tell, O_CLOEXEC)) return 2;
  pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    int fd = filter(CALLS[call].number, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (write(tell[1], &fd, sizeof fd) < 0) _exit(2);
    execvp(argv[4], argv + 4);
    _exit(127);
  }
  int listener, status;
  if (read(tell[0], &listener, sizeof listener) != sizeof listener) return 2;
  for (;;) {
    struct pollfd polled = {listener, POLLIN, 0};
    if (poll(&polled, 1, 10) > 0 && (polled.revents & POLLIN)) answer(listener, CALLS[call].path, error, argv[3]);
    if (waitpid(child, &status, WNOHANG) == child) return status_of(status);
  }
}

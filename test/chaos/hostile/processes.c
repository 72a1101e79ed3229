// Attempts on other processes, and on what one's own has been given.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "attempt.h"

// kill PID: sends no signal, but must be allowed to.
static int do_kill(char **words) { return kill(atoi(words[0]), 0); }

// pidfd PID: the same through a descriptor.
static int by_pidfd(char **words) {
  int fd = (int)syscall(SYS_pidfd_open, atoi(words[0]), 0);
  return fd < 0 ? -1 : (int)syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0);
}

// steal PID FD: a copy of a descriptor.
static int steal(char **words) {
  int fd = (int)syscall(SYS_pidfd_open, atoi(words[0]), 0);
  return fd < 0 || syscall(SYS_pidfd_getfd, fd, atoi(words[1]), 0) < 0 ? -1 : 0;
}

// trace PID
static int trace(char **words) {
  pid_t pid = atoi(words[0]);
  if (ptrace(PTRACE_SEIZE, pid, 0, 0)) return -1;
  ptrace(PTRACE_DETACH, pid, 0, 0);
  return 0;
}

// memory PID
static int memory(char **words) {
  char byte;
  struct iovec local = {&byte, 1}, remote = {(void *)0x400000, 1};
  ssize_t length = process_vm_readv(atoi(words[0]), &local, 1, &remote, 1, 0);
  // EFAULT: it was allowed to, and nothing is there.
  return length < 0 && errno != EFAULT ? -1 : 0;
}

// join FILE: a namespace
static int join(char **words) {
  int fd = open(words[0], O_RDONLY);
  return fd < 0 ? -1 : setns(fd, 0);
}

static int contains(const char *path, const char *text) {
  char bytes[65536];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t length = read(fd, bytes, sizeof bytes);
  close(fd);
  return length > 0 && memmem(bytes, (size_t)length, text, strlen(text)) != NULL;
}

static int can_open(int directory, const char *name, int flags) {
  int fd = openat(directory, name, flags | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return 0;
  close(fd);
  return 1;
}

// Whether a process lets itself be looked into; then `found` says how.
static int looks_into(int directory) {
  static const char *const parts[] = {"environ", "fd/0", "mem", "root/etc", "cwd/.", "ns/net"};
  char name[64] = "";
  int comm = openat(directory, "comm", O_RDONLY);
  if (comm >= 0 && read(comm, name, sizeof name - 1) > 0) name[strcspn(name, "\n")] = 0;
  if (comm >= 0) close(comm);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (can_open(directory, parts[i], strcmp(parts[i], "mem") ? O_RDONLY : O_RDWR))
      return snprintf(found, sizeof found, "%s of %.40s", parts[i], name), 1;
  return 0;
}

// outside: whether any process in /proc that is in another PID namespace than this one lets itself be looked into.
static int outside(char **words) {
  (void)words;
  struct stat own, theirs;
  DIR *processes = opendir("/proc");
  if (!processes || stat("/proc/thread-self/ns/pid", &own)) return -1;
  for (struct dirent *entry; (entry = readdir(processes));) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    int directory = openat(dirfd(processes), entry->d_name, O_RDONLY | O_DIRECTORY);
    if (directory < 0) continue;
    int is_outside = !fstatat(directory, "ns/pid", &theirs, 0) && theirs.st_ino != own.st_ino;
    if (is_outside && looks_into(directory)) return 0;
    close(directory);
  }
  return errno = EACCES, -1;
}

// environment SECRET: whether this process's own has it.
static int environment(char **words) { return contains("/proc/self/environ", words[0]) ? 0 : (errno = ENOENT, -1); }

// descriptors: those beyond standard error that were there when this program began.
static int descriptors(char **words) {
  (void)words;
  for (int fd = 3; fd < 1024; fd++) {
    char path[64], target[200] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fcntl(fd, F_GETFD) >= 0) {
      if (readlink(path, target, sizeof target - 1) < 0) *target = 0;
      return snprintf(found, sizeof found, "%d, %s", fd, target), 0;
    }
  }
  return errno = ENOENT, -1;
}

// key DESCRIPTION: finds it in a keyring that came along, and reads it.
static int key(char **words) {
  static const int rings[] = {KEY_SPEC_SESSION_KEYRING, KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_USER_KEYRING,
                              KEY_SPEC_USER_SESSION_KEYRING};
  char text[64];
  for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
    long serial = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user", words[0], 0);
    if (serial >= 0 && syscall(SYS_keyctl, KEYCTL_READ, serial, text, sizeof text) >= 0) return 0;
  }
  return errno = ENOKEY, -1;
}

// with-key DESCRIPTION PROGRAM…: becomes a program with a session keyring that has a secret.
static int with_key(char **words) {
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "hostile") < 0) return -1;
  if (syscall(SYS_add_key, "user", words[0], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0) return -1;
  alarm(0);
  return execvp(words[1], words + 1);
}

// type: pushes a letter into the terminal that each descriptor leads to, and says which terminal that is.
static int type(char **words) {
  (void)words;
  for (int fd = 0; fd < 3; fd++) {
    struct stat stats;
    char letter = ' ';
    if (!isatty(fd) || ioctl(fd, TIOCSTI, &letter)) continue;
    if (fstat(fd, &stats)) return -1;
    return snprintf(found, sizeof found, "%u:%u %u", major(stats.st_dev), minor(stats.st_dev), (unsigned)stats.st_rdev), 0;
  }
  return -1;
}

// terminal: which one standard input is.
static int terminal(char **words) {
  (void)words;
  struct stat stats;
  if (!isatty(0) || fstat(0, &stats)) return -1;
  return snprintf(found, sizeof found, "%u:%u %u", major(stats.st_dev), minor(stats.st_dev), (unsigned)stats.st_rdev), 0;
}

const struct attempt process_attempts[] = {
    {"kill", do_kill},       {"pidfd", by_pidfd},   {"steal", steal},
    {"trace", trace},        {"memory", memory},    {"join", join},
    {"outside", outside},    {"environment", environment}, {"descriptors", descriptors},
    {"key", key},            {"with-key", with_key}, {"type", type},
    {"terminal", terminal},  {NULL, NULL},
};

#define _GNU_SOURCE
#include "calls.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *const names[] = {
#include "names.h"
};
enum { NAMES = sizeof names / sizeof *names };

const char *call_name(int number) { return number >= 0 && number < NAMES && names[number] ? names[number] : "unknown"; }

int call_number(const char *name) {
  for (int number = 0; number < NAMES; number++)
    if (names[number] && !strcmp(names[number], name)) return number;
  return -1;
}

size_t read_memory(pid_t pid, unsigned long at, void *bytes, size_t length) {
  struct iovec local = {bytes, length}, remote = {(void *)at, length};
  ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
  return got < 0 ? 0 : (size_t)got;
}

// A string of a tracee, as far as it is there and fits; a page that is not there may follow.
static void read_string(pid_t pid, unsigned long at, char *text, size_t room) {
  size_t length = read_memory(pid, at, text, room - 1);
  if (length == 0) {
    size_t in_page = 4096 - (at & 4095);
    length = read_memory(pid, at, text, in_page < room - 1 ? in_page : room - 1);
  }
  text[length] = 0;
}

static void read_link(const struct tracee *tracee, int fd, char *text, size_t room) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tracee->pid, fd);
  ssize_t length = readlink(path, text, room - 1);
  text[length > 0 ? length : 0] = 0;
}

// What the arguments of a call say that it is about.
enum shape { NOTHING, DESCRIPTOR, OPERATION, DESCRIPTOR_OPERATION, PATH_0, PATH_1, PATH_3, MOUNT };

static enum shape shape_of(int number) {
  switch (number) {
    case SYS_open: case SYS_mkdir: case SYS_rmdir: case SYS_unlink: case SYS_rename: case SYS_symlink: case SYS_readlink:
    case SYS_access: case SYS_chdir: case SYS_chmod: case SYS_chown: case SYS_lchown: case SYS_stat: case SYS_lstat:
    case SYS_statfs: case SYS_execve: case SYS_umount2: case SYS_mknod: case SYS_truncate: case SYS_sethostname:
      return PATH_0;
    case SYS_openat: case SYS_newfstatat: case SYS_statx: case SYS_mkdirat: case SYS_unlinkat: case SYS_readlinkat:
    case SYS_faccessat: case SYS_faccessat2: case SYS_fchmodat: case SYS_fchownat: case SYS_open_tree: case SYS_mknodat:
    case SYS_openat2: case SYS_renameat: case SYS_renameat2: case SYS_fsopen: case SYS_mount_setattr:
      return PATH_1;
    case SYS_move_mount: return PATH_3;
    case SYS_symlinkat: return PATH_1;
    case SYS_mount: return MOUNT;
    case SYS_read: case SYS_write: case SYS_close: case SYS_fstat: case SYS_fchmod: case SYS_fchown: case SYS_fsync:
    case SYS_ftruncate: case SYS_flock: case SYS_getdents64: case SYS_sendmsg: case SYS_recvmsg: case SYS_sendto:
    case SYS_recvfrom: case SYS_getsockname: case SYS_bind: case SYS_connect: case SYS_setns: case SYS_fstatfs:
    case SYS_fchdir: case SYS_pread64: case SYS_pwrite64: case SYS_writev: case SYS_readv: case SYS_lseek:
    case SYS_fdatasync: case SYS_dup: case SYS_dup2: case SYS_dup3: case SYS_pidfd_send_signal: case SYS_fsmount:
      return DESCRIPTOR;
    case SYS_fcntl: case SYS_ioctl: return DESCRIPTOR_OPERATION;
    case SYS_prctl: case SYS_socket: case SYS_socketpair: case SYS_unshare: case SYS_keyctl: return OPERATION;
    default: return NOTHING;
  }
}

// Numbers differ from run to run, and line breaks and tabs part what is traced.
static void make_plain(char *text) {
  char *to = text;
  for (const char *from = text; *from; from++) {
    if (!isdigit((unsigned char)*from)) *to++ = (unsigned char)*from < ' ' ? '.' : *from;
    else if (to == text || to[-1] != '#') *to++ = '#';
  }
  *to = 0;
}

// Opening fails in other ways where it makes the file.
static int makes_file(const struct tracee *tracee) {
  return (tracee->entered == SYS_openat && tracee->arguments[2] & O_CREAT) ||
         (tracee->entered == SYS_open && tracee->arguments[1] & O_CREAT);
}

void call_object(const struct tracee *tracee, char *object, size_t room) {
  const unsigned long *arguments = tracee->arguments;
  char type[32];
  object[0] = 0;
  switch (shape_of(tracee->entered)) {
    case NOTHING: return;
    case OPERATION: snprintf(object, room, "0x%lx", arguments[0]); return;
    case DESCRIPTOR: read_link(tracee, (int)arguments[0], object, room); break;
    case DESCRIPTOR_OPERATION:
      read_link(tracee, (int)arguments[0], object, room);
      make_plain(object);
      snprintf(object + strlen(object), room - strlen(object), " 0x%lx", arguments[1]);
      return;
    case PATH_0: read_string(tracee->pid, arguments[0], object, room); break;
    case PATH_1:
      read_string(tracee->pid, arguments[1], object, room);
      if (!object[0]) read_link(tracee, (int)arguments[0], object, room);
      break;
    case PATH_3: read_string(tracee->pid, arguments[3], object, room); break;
    case MOUNT:
      read_string(tracee->pid, arguments[1], object, room - sizeof type);
      type[0] = 0;
      if (arguments[2]) read_string(tracee->pid, arguments[2], type, sizeof type);
      snprintf(object + strlen(object), room - strlen(object), " %s", type);
      break;
  }
  make_plain(object);
  if (makes_file(tracee)) strncat(object, " made", room - strlen(object) - 1);
}

// The keeper: PID 1 of a lab's PID namespace, so that the kernel kills every process of the lab when it ends. It holds
// the lab's lock and the nodes' network namespaces. Until it gets the message "commit", it ends when its creator does.
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring.h"
#include "priority.h"
#include "process.h"
#include "report.h"

static void end(int number) {
  (void)number;
  _exit(0);
}

// The keeper has one open descriptor for each node.
static void raise_file_limit(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files)) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// Receives one message. Sets *passed to the descriptor that came with it, or -1. Returns the length of the text, 0 when
// the other end is closed.
static ssize_t receive(int socket, char *text, size_t room, int *passed) {
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec data = {.iov_base = text, .iov_len = room - 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t length;
  do length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == EINTR);
  text[length > 0 ? length : 0] = 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *passed = -1;
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(passed, CMSG_DATA(header), sizeof *passed);
  return length;
}

static void answer(int creator, const char *text) {
  if (send(creator, text, strlen(text), MSG_NOSIGNAL) < 0) _exit(0);
}

// Gives a namespace a name in /run/netns, where ip-netns(8) looks: a symbolic link to the keeper's descriptor, which
// leads nowhere once the keeper has ended. A name that exists belongs to somebody else and is left alone.
static void add_netns_name(const char *name, int fd) {
  char self[16] = "", target[48], path[PATH_MAX];
  // The machine's /proc is mounted here, so this is the PID that the keeper has on the machine.
  if (readlink("/proc/self", self, sizeof self - 1) < 0) return;
  snprintf(target, sizeof target, "/proc/%s/fd/%d", self, fd);
  snprintf(path, sizeof path, "/run/netns/%s", name);
  if (symlink(target, path)) return;
}

// Answers the creator's messages (README.md, "lab") until it commits. Exits when the creator ends before that.
static void serve_creator(int creator) {
  for (;;) {
    char text[192], number[16];
    int passed;
    if (receive(creator, text, sizeof text, &passed) <= 0) _exit(0);
    if (!strncmp(text, "hold", 4) && passed >= 0) {
      snprintf(number, sizeof number, "%d", passed);
      answer(creator, number);
      // After the answer, so that the creator makes the next node meanwhile.
      if (text[4] == ' ') add_netns_name(text + 5, passed);
    } else if (!strncmp(text, "hold", 4)) {
      answer(creator, "-1");  // the kernel passed no descriptor: as many as may be are open
    } else if (!strcmp(text, "commit")) {
      answer(creator, "committed");
      return;
    } else {
      _exit(0);
    }
  }
}

void keeper_main(const char *lab, int lock, int creator, int ready) {
  char title[96];
  snprintf(title, sizeof title, "nslab: %s", lab);
  if (setsid() < 0) fail(STEP_START_SESSION, "start a session", title);
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "change directory", "/");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(STEP_MAKE_MOUNTS_PRIVATE, "make mounts private", "/");
  umask(022);
  personality(PER_LINUX);
  // The keeper opens nothing, so it needs none of the caller's groups. Where root is the only id, it may not drop them.
  if (setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", title);
  keyring_leave_sealed(title);
  priority_give_up(title);
  raise_file_limit();
  signal(SIGCHLD, SIG_IGN);  // the kernel reaps children
  signal(SIGTERM, end);
  signal(SIGINT, end);
  if (write(ready, "", 1) != 1) fail(STEP_WRITE_REPORT, "say that the keeper is ready", title);

  int kept[] = {lock, creator};
  keep_only(kept, 2);
  set_title(title);
  serve_creator(creator);
  close(creator);
  for (;;) pause();
}

// The keeper: PID 1 of a lab's PID namespace, so that the kernel kills every process of the lab when it ends. It holds
// the lab's lock and the nodes' network namespaces. Until it gets the message "commit", it ends when its creator does. It
// starts the wire, and starts it once more when it dies. It waits for nobody but in poll(2).
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper_wire.h"
#include "keyring.h"
#include "priority.h"
#include "process.h"
#include "report.h"

static void end(int number) {
  (void)number;
  _exit(0);
}

// A message, with the descriptors that came with it.
struct message {
  char text[192];
  int fds[KEEPER_WIRE_FDS];
  int fd_count;
};

// Receives one message. Returns the length of its text: 0 when the other end is closed, less when there is none.
static ssize_t receive(int socket, struct message *received) {
  union {
    char bytes[CMSG_SPACE(sizeof received->fds)];
    struct cmsghdr align;
  } control;
  struct iovec data = {.iov_base = received->text, .iov_len = sizeof received->text - 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t length;
  do length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (length < 0 && errno == EINTR);
  received->text[length > 0 ? length : 0] = 0;
  received->fd_count = 0;
  struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) return length;
  received->fd_count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
  memcpy(received->fds, CMSG_DATA(header), (size_t)received->fd_count * sizeof(int));
  return length;
}

// Closes the descriptors of a message from this one on.
static void close_from(const struct message *message, int first) {
  for (int i = first; i < message->fd_count; i++) close(message->fds[i]);
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

// Does what the creator asks for (README.md, "lab"). Returns whether it has committed. Exits when it has ended.
static int serve_creator(int creator, struct keeper_wire *wire) {
  struct message message;
  char number[16];
  ssize_t length = receive(creator, &message);
  if (length < 0 && errno == EAGAIN) return 0;
  if (length <= 0) _exit(0);
  if (!strncmp(message.text, "hold", 4) && message.fd_count > 0) {
    close_from(&message, 1);
    snprintf(number, sizeof number, "%d", message.fds[0]);
    answer(creator, number);
    // After the answer, so that the creator makes the next node meanwhile.
    if (message.text[4] == ' ') add_netns_name(message.text + 5, message.fds[0]);
  } else if (!strncmp(message.text, "hold", 4)) {
    answer(creator, "-1");  // the kernel passed no descriptor: as many as may be are open
  } else if (!strcmp(message.text, "wire")) {
    keeper_wire_serve(wire, message.fds, message.fd_count);
  } else if (!strcmp(message.text, "commit")) {
    close_from(&message, 0);
    answer(creator, "committed");
    return 1;
  } else {
    _exit(0);
  }
  return 0;
}

// Does what a client of the running lab asks for. The other end of the socket is open for life, since it is the keeper's.
static void serve_client(int control, struct keeper_wire *wire) {
  struct message message;
  if (receive(control, &message) < 0) return;
  if (!strcmp(message.text, "wire")) keeper_wire_serve(wire, message.fds, message.fd_count);
  else close_from(&message, 0);
}

// Moves a descriptor out of the numbers that are for the control socket.
static int move_up(int fd) {
  if (fd > KEEPER_CLIENT_FD) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, KEEPER_CLIENT_FD + 1);
  if (moved < 0) _exit(STATUS_FAILED);
  close(fd);
  return moved;
}

// Closes all descriptors but the lock, the creator's socket and the control socket, whose ends get their fixed numbers.
static void arrange(int *lock, int *creator, const int control[2]) {
  int kept[] = {*lock, *creator, control[0], control[1]};
  keep_only(kept, 4);
  *lock = move_up(*lock), *creator = move_up(*creator);
  int own = move_up(control[0]), client = move_up(control[1]);
  if (dup3(own, KEEPER_OWN_FD, O_CLOEXEC) < 0 || dup3(client, KEEPER_CLIENT_FD, O_CLOEXEC) < 0) _exit(STATUS_FAILED);
  close(own), close(client);
}

static _Noreturn void serve(const char *lab, int creator) {
  struct keeper_wire wire = KEEPER_WIRE_NONE(lab);
  for (;;) {
    struct pollfd polled[] = {{KEEPER_OWN_FD, POLLIN, 0}, {creator, POLLIN, 0}, {wire.pidfd, POLLIN, 0}};
    if (poll(polled, 3, keeper_wire_timeout(&wire)) < 0) continue;
    if (polled[1].revents && serve_creator(creator, &wire)) close(creator), creator = -1;
    if (polled[0].revents) serve_client(KEEPER_OWN_FD, &wire);
    keeper_wire_check(&wire, polled[2].revents);
  }
}

void keeper_main(const char *lab, int lock, int creator, int ready) {
  // The title is written over the arguments, where the name of the lab is.
  char title[96], name[64];
  snprintf(title, sizeof title, "nslab: %s", lab);
  snprintf(name, sizeof name, "%s", lab);
  if (setsid() < 0) fail(STEP_START_SESSION, "start a session", title);
  if (chdir("/")) fail(STEP_CHANGE_DIRECTORY, "change directory", "/");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(STEP_MAKE_MOUNTS_PRIVATE, "make mounts private", "/");
  umask(022);
  personality(PER_LINUX);
  // The keeper opens nothing, so it needs none of the caller's groups. Where root is the only id, it may not drop them.
  if (setgroups(0, NULL) && errno != EPERM) fail(STEP_BECOME_ROOT, "drop groups", title);
  keyring_leave_sealed(title);
  priority_give_up(title);
  raise_file_limit();  // it has one open descriptor for each node
  signal(SIGCHLD, SIG_IGN);  // the kernel reaps children
  signal(SIGTERM, end);
  signal(SIGINT, end);
  int control[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control)) fail(STEP_OPEN_SOCKET, "make", "the keeper's socket");
  if (write(ready, "", 1) != 1) fail(STEP_WRITE_REPORT, "say that the keeper is ready", title);

  arrange(&lock, &creator, control);
  set_title(title);
  serve(name, creator);
}

// The keeper: PID 1 of a lab's PID namespace, so that the kernel kills every process of the lab when it ends. It holds
// the lab's lock and the nodes' network namespaces. Until it gets the message "commit", it ends when its creator does. Then it
// takes sessions of clients that add nodes. It starts the wire, and starts it once more when it dies. It waits for nobody but in
// poll(2).
#define _GNU_SOURCE
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
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

#include "keeper_held.h"
#include "keeper_message.h"
#include "keeper_session.h"
#include "keeper_wire.h"
#include "keyring.h"
#include "priority.h"
#include "process.h"
#include "report.h"

static void end(int number) {
  (void)number;
  _exit(0);
}

static void answer(int creator, const char *text) {
  if (send(creator, text, strlen(text), MSG_NOSIGNAL) < 0) _exit(0);
}

// Does what the creator asks for (README.md, "lab"). Returns whether it has committed. Exits when it has ended.
static int serve_creator(int creator, struct keeper_wire *wire, struct held *held) {
  struct message message;
  ssize_t length = message_receive(creator, &message);
  if (length < 0 && errno == EAGAIN) return 0;
  if (length <= 0) _exit(0);
  if (!strcmp(message.text, "hold") || !strncmp(message.text, "hold ", 5)) {
    if (keeper_sessions_hold(creator, HELD_BY_CREATOR, &message, held)) _exit(0);
  } else if (!strcmp(message.text, "wire")) {
    keeper_wire_serve(wire, message.fds, message.fd_count);
  } else if (!strcmp(message.text, "commit")) {
    message_close_from(&message, 0);
    answer(creator, "committed");
    return 1;
  } else {
    _exit(0);
  }
  return 0;
}

// Answers on a socket of the client's, which may not read: it must not stop the keeper. Takes the socket.
static void answer_client(int client, const char *text) {
  if (send(client, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) errno = 0;
  close(client);
}

// Does what a client of the running lab asks for. The other end of the socket is open for life, since it is the keeper's.
static void serve_client(int control, struct keeper_wire *wire, struct keeper_sessions *sessions) {
  struct message message;
  if (message_receive(control, &message) < 0) return;
  int is_one = message.fd_count == 1;
  if (!strcmp(message.text, "wire")) keeper_wire_serve(wire, message.fds, message.fd_count);
  else if (is_one && !strcmp(message.text, "version")) answer_client(message.fds[0], KEEPER_VERSION);
  else if (is_one && !strcmp(message.text, "session")) keeper_sessions_begin(sessions, message.fds[0]);
  else message_close_from(&message, 0);
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
  enum { CONTROL, CREATOR, WIRE, SESSIONS };
  struct keeper_wire wire = KEEPER_WIRE_NONE(lab);
  struct held held = HELD_NONE;
  struct keeper_sessions sessions;
  keeper_sessions_clear(&sessions);
  for (;;) {
    struct pollfd polled[SESSIONS + SESSIONS_MAX] = {
        {KEEPER_OWN_FD, POLLIN, 0}, {creator, POLLIN, 0}, {wire.pidfd, POLLIN, 0}};
    for (int i = 0; i < SESSIONS_MAX; i++) polled[SESSIONS + i] = (struct pollfd){sessions.fds[i], POLLIN, 0};
    if (poll(polled, SESSIONS + SESSIONS_MAX, keeper_wire_timeout(&wire)) < 0) continue;
    if (polled[CREATOR].revents && serve_creator(creator, &wire, &held)) close(creator), creator = -1;
    keeper_sessions_serve(&sessions, polled + SESSIONS, &held);
    if (polled[CONTROL].revents) serve_client(KEEPER_OWN_FD, &wire, &sessions);
    keeper_wire_check(&wire, polled[WIRE].revents);
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

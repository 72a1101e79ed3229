#define _GNU_SOURCE
#include "keeper_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper.h"
#include "keeper_message.h"
#include "process.h"
#include "report.h"
#include "scope.h"

int keeper_client_open(pid_t keeper, enum step step) {
  SCOPED_FD pidfd = open_pidfd(keeper);
  if (pidfd < 0) fail(STEP_FIND_PROCESS, "find", "keeper");
  int fd = (int)syscall(SYS_pidfd_getfd, pidfd, KEEPER_CLIENT_FD, 0);
  if (fd < 0) fail(step, "take the control socket of", "the lab's keeper");
  return fd;
}

// Waits until a socket to the keeper can be written or read.
static void await(int socket, short events, enum step step, const char *what) {
  struct pollfd polled = {socket, events, 0};
  int count;
  do count = poll(&polled, 1, PATIENCE_SECONDS * 1000);
  while (count < 0 && errno == EINTR);
  if (count < 0) fail(step, "ask", what);
  if (count == 0) fail_with(step, ETIMEDOUT, "ask", what);
}

void keeper_client_send(int keeper, const char *text, const int *fds, int count, enum step step, const char *what) {
  // A keeper that is stopped takes no messages, and then no more of them can be sent.
  await(keeper, POLLOUT, step, what);
  if (message_send(keeper, text, fds, count, MSG_DONTWAIT)) fail(step, "ask", what);
}

int keeper_client_ask(int keeper, const char *text, const int *fds, int count, enum step step, const char *what) {
  int pair[2], sent[MESSAGE_FDS];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) fail(STEP_OPEN_SOCKET, "make", "a socket pair");
  sent[0] = pair[1];
  for (int i = 0; i < count; i++) sent[i + 1] = fds[i];
  keeper_client_send(keeper, text, sent, count + 1, step, what);
  close(pair[1]);
  char answer[16] = "";
  await(pair[0], POLLIN, step, what);
  ssize_t length = recv(pair[0], answer, sizeof answer - 1, 0);
  int error = errno;
  close(pair[0]);
  if (length < 0) fail_with(step, error, "ask", what);
  return length == 0 ? KEEPER_NO_ANSWER : atoi(answer);
}

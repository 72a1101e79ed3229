#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "request.h"
#include "wire.h"

enum {
  // In bytes. 500 links with a table of 16,384 values each way have 64 MB.
  REQUEST_MOST = 128 << 20,
  CHUNK = 1 << 16,
};

// For how long a client that does nothing may keep others waiting, in ns.
static const int64_t PATIENCE = 2000000000;

struct pollfd control_poll(const struct control *control) {
  if (control->client < 0) return (struct pollfd){control->listener, POLLIN, 0};
  return (struct pollfd){control->client, control->is_answered ? POLLOUT : POLLIN, 0};
}

static void hang_up(struct control *control) {
  close(control->client);
  text_free(&control->request), text_free(&control->answer);
  *control = (struct control)CONTROL_IDLE(control->listener);
}

// Whether the client has closed its socket. One that was killed while it wrote has sent a part of its request, which is
// not to be taken for the whole.
static int is_gone(int client) {
  struct pollfd polled = {client, 0, 0};
  return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR));
}

// Reads what there is. Returns whether the request is whole.
static int receive(struct control *control, int64_t now) {
  char chunk[CHUNK];
  for (;; control->deadline = now + PATIENCE) {
    ssize_t got = read(control->client, chunk, sizeof chunk);
    if (got == 0 && !is_gone(control->client)) return 1;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (got <= 0 || control->request.length + (size_t)got > REQUEST_MOST ||
        text_append(&control->request, chunk, (size_t)got)) {
      hang_up(control);
      return 0;
    }
  }
}

static void send_answer(struct control *control, int64_t now) {
  for (; control->sent < control->answer.length; control->deadline = now + PATIENCE) {
    ssize_t sent = send(control->client, control->answer.bytes + control->sent, control->answer.length - control->sent,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) break;
    control->sent += (size_t)sent;
  }
  hang_up(control);
}

void control_serve(struct wire *wire, int64_t now) {
  struct control *control = &wire->control;
  if (control->client < 0) {
    control->client = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (control->client >= 0) control->deadline = now + PATIENCE;
    return;
  }
  if (now >= control->deadline) {
    hang_up(control);
    return;
  }
  if (!control->is_answered && receive(control, now)) {
    request_run(wire, control->request.bytes, control->request.length, &control->answer);
    control->is_answered = 1;
  }
  if (control->is_answered) send_answer(control, now);
}

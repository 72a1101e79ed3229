// The verb `wire`: starts a lab's wire, and passes requests to it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper_client.h"
#include "namespaces.h"
#include "proc.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "spec.h"
#include "verbs.h"
#include "wire_new.h"

static const char *const the_wire = "the lab's wire";

static void write_words(int wire, const struct spec *spec) {
  for (size_t at = spec->at; at < spec->length;) {
    ssize_t sent = send(wire, spec->text + at, spec->length - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // The wire hangs up on a request that is too long; its end is read next.
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (sent < 0) fail_with(STEP_REACH_WIRE, errno == EAGAIN ? ETIMEDOUT : errno, "send a request to", the_wire);
    at += (size_t)sent;
  }
  shutdown(wire, SHUT_WR);
}

// Copies the answer to the report. Without an end of line, it is not whole.
static void copy_answer(int wire) {
  char text[1 << 16], last = 0;
  for (;;) {
    ssize_t got = read(wire, text, sizeof text);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) fail_with(STEP_REACH_WIRE, ETIMEDOUT, "read the answer of", the_wire);
    if (got < 0) fail(STEP_REACH_WIRE, "read the answer of", the_wire);
    if (got == 0) break;
    report_bytes(text, (size_t)got);
    last = text[got - 1];
  }
  if (last != '\n') fail_with(STEP_REACH_WIRE, ECONNRESET, "read the answer of", the_wire);
}

// A wire that is stopped does not answer, so no call on its socket waits for longer than PATIENCE_SECONDS.
static int open_socket(void) {
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience))
    fail(STEP_OPEN_SOCKET, "open", "a socket");
  return fd;
}

// Sends the wire the words that are left of the spec. `number` is that of its network namespace in the keeper.
static void request(const struct options *options, const struct spec *spec, int number) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)options->keeper, number);
  SCOPED_FD netns = proc_open(path, O_RDONLY);
  if (netns < 0) fail(STEP_OPEN_NAMESPACE, "open", path);
  if (setns(netns, CLONE_NEWNET)) fail(STEP_JOIN_NAMESPACES, "join the network namespace of", the_wire);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, WIRE_SOCKET_NAME, strlen(WIRE_SOCKET_NAME));
  SCOPED_FD wire = open_socket();
  if (connect(wire, (const struct sockaddr *)&address,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(WIRE_SOCKET_NAME))))
    fail_with(STEP_REACH_WIRE, errno == EAGAIN ? ETIMEDOUT : errno, "reach", the_wire);
  write_words(wire, spec);
  copy_answer(wire);
}

void verb_wire(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("wire needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  struct spec spec;
  spec_read(&spec);
  join_keeper_user(options->keeper, options->start_time, caller);
  // Once the lab is running, its keeper takes requests on a socket of its own.
  SCOPED_FD keeper = options->creator >= 0 ? options->creator : keeper_client_open(options->keeper, STEP_REACH_WIRE);
  int number = wire_ask_keeper(keeper, NULL, 0);
  const char *first = spec.at < spec.length ? spec.text + spec.at : "";
  if (!strcmp(first, "start")) {
    spec_next(&spec);
    long id = (long)spec_number(spec_argument(&spec, first), first, 0, UINT_MAX - 1);
    if (number <= 0) number = wire_new(id, keeper);
    report_line("{\"wire\":{\"netnsFd\":%d}}", number);
  }
  if (number <= 0) fail_with(STEP_REACH_WIRE, ESRCH, "find", the_wire);
  if (spec.at < spec.length) request(options, &spec, number);
  spec_free(&spec);
}

// The verb `connect`: asks one port of an address, by TCP or UDP, from the network namespace of a node, and reports what
// came back.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error_queue.h"
#include "namespaces.h"
#include "process.h"
#include "reach_spec.h"
#include "report.h"
#include "scope.h"
#include "verbs.h"

// What is sent to a UDP port. An echo service returns it, and a DNS server answers it by FORMERR: it is a header of zeros.
static const char datagram[12];

static void report_state(const char *state, double rtt_ms) {
  report_line("{\"state\":\"%s\",\"rttMs\":%.3f}", state, rtt_ms);
}

// Reports an error: that of an ICMP message if the queue has one, else this errno.
static void report_error(int fd, int six, int error, double rtt_ms) {
  struct network_error found = {0};
  while (error_queue_read(fd, &found) && !found.from_icmp) {}
  const char *text = found.from_icmp ? icmp_error_text(six, found.type, found.code) : strerror(error);
  const char *state = (found.from_icmp ? found.error : error) == ECONNREFUSED ? "refused" : "unreachable";
  char quoted[256], whom[96] = "", address[80], time[40] = "null";
  if (found.from_icmp) snprintf(whom, sizeof whom, ",\"from\":%s", json_string(found.from, address, sizeof address));
  if (rtt_ms >= 0) snprintf(time, sizeof time, "%.3f", rtt_ms);
  report_line("{\"state\":\"%s\",\"rttMs\":%s,\"error\":%s%s}", state, time, json_string(text, quoted, sizeof quoted), whom);
}

// Waits for the events, or for an error. Returns what poll(2) says of the descriptor; 0 when the time is over.
static int wait_for(int fd, short events, double until) {
  struct pollfd watched = {.fd = fd, .events = events};
  for (;;) {
    double left = until - reach_now_ms();
    int ready = poll(&watched, 1, left > 0 ? (int)left + 1 : 0);
    if (ready > 0) return watched.revents;
    if (ready == 0 && left <= 0) return 0;
    if (ready < 0 && errno != EINTR) fail(STEP_OPEN_SOCKET, "watch", "socket");
  }
}

void verb_connect(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("connect needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  struct reach_spec reach = {.timeout_ms = 1000};
  reach_spec_read(&reach);
  if (!reach.port) fail_with(STEP_READ_SPEC, EBADMSG, "find in the spec", "port");
  join_keeper_user(options->keeper, options->start_time, caller);
  reach_join(&reach);
  int six = reach.to.any.sa_family == AF_INET6;
  SCOPED_FD fd = reach_socket(&reach, reach.udp ? SOCK_DGRAM : SOCK_STREAM);
  double began = reach_now_ms();
  int failed = reach_connect(&reach, fd) && errno != EINPROGRESS ? errno : 0;
  if (!failed && reach.udp && send(fd, datagram, sizeof datagram, 0) < 0) failed = errno;
  if (failed) {
    // A port of the node itself answers before connect(2) returns.
    report_error(fd, six, failed, failed == ECONNREFUSED ? reach_now_ms() - began : -1);
    return;
  }
  if (!wait_for(fd, reach.udp ? POLLIN : POLLOUT, began + reach.timeout_ms)) {
    report_line("{\"state\":\"silent\",\"rttMs\":null}");
    return;
  }
  double rtt_ms = reach_now_ms() - began;
  socklen_t size = sizeof failed;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size)) failed = errno;
  if (failed) report_error(fd, six, failed, rtt_ms);
  else report_state("open", rtt_ms);
}

// The verb `trace`: sends UDP datagrams of growing TTL to an address, from the network namespace of a node, and reports
// who answers. The datagrams of a flow have the same addresses and ports, so that routers that choose among several ways
// by these send all of them the same way (Paris traceroute, Augustin et al. 2006). Each flow has a source port of its own.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error_queue.h"
#include "namespaces.h"
#include "process.h"
#include "reach_spec.h"
#include "report.h"
#include "verbs.h"

enum {
  PORT = 33434,  // as traceroute(8): nothing is expected to listen there
  // A flow sends to the next distance when it has an answer, or after this time.
  PACE_MS = 50,
  // Linux sends to each host 6 ICMP errors at once and then one a second (icmp(7), icmp_ratelimit). So what is not
  // answered is sent again.
  ATTEMPTS = 2,
  // The kernel reports an error of the network at the next call on the socket, once for each error.
  SEND_TRIES = 16,
  // So many distances further than where one flow has ended may other flows, whose ways are longer, still go.
  LONGER_MAX = 4,
};

struct probe_payload {
  unsigned long long random;
  unsigned hop, attempt;
};

struct probe {
  double sent_at[ATTEMPTS];
  int attempts, answered;
};

struct flow {
  int fd;
  int last;  // the distance at which it ends, as far as is known
  int sent;  // the greatest distance that it has sent to
  double next_at;
  struct probe probes[HOPS_MAX + 1];  // by distance
};

static struct {
  struct reach_spec reach;
  struct flow *flows;
  unsigned long long random;
} trace = {.reach = {.udp = 1, .port = PORT, .timeout_ms = 1000, .flows = 4, .hops = 30}};

static int is_six(void) { return trace.reach.to.any.sa_family == AF_INET6; }

static void report_local_error(int number, const char *text) {
  char quoted[256];
  report_line("{\"flow\":%d,\"error\":%s}", number, json_string(text, quoted, sizeof quoted));
}

// Ends a flow before it has sent anything, or at a distance.
static void end_flow(struct flow *flow, int hop) {
  if (hop < flow->last) flow->last = hop;
  for (int i = 0; hop > 0 && i < trace.reach.flows; i++)
    if (trace.flows[i].last > hop + LONGER_MAX) trace.flows[i].last = hop + LONGER_MAX;
}

static void send_probe(int number, int hop) {
  struct flow *flow = &trace.flows[number];
  struct probe *probe = &flow->probes[hop];
  struct probe_payload payload = {trace.random, (unsigned)hop, (unsigned)probe->attempts};
  if (setsockopt(flow->fd, is_six() ? IPPROTO_IPV6 : IPPROTO_IP, is_six() ? IPV6_UNICAST_HOPS : IP_TTL, &hop, sizeof hop))
    fail(STEP_OPEN_SOCKET, "set the TTL of", "UDP socket");
  probe->sent_at[probe->attempts++] = reach_now_ms();
  int failed = 0;
  for (int tries = 0; tries < SEND_TRIES; tries++) {
    failed = send(flow->fd, &payload, sizeof payload, 0) < 0 ? errno : 0;
    if (!failed) return;
  }
  report_local_error(number, strerror(failed));
  end_flow(flow, 0);
}

// Whether an ICMP error says that the datagram has come to the end: no program listens at the port there.
static int is_port_unreachable(const struct network_error *error) {
  return is_six() ? error->type == 1 && error->code == 4 : error->type == 3 && error->code == 3;
}

static int is_time_exceeded(const struct network_error *error) {
  return is_six() ? error->type == 3 && error->code == 0 : error->type == 11 && error->code == 0;
}

// Reports an answer: that of a router, or with `end` that of the address, or an error that ends the way.
static void report_answer(int number, const struct network_error *error, const struct probe_payload *payload) {
  struct flow *flow = &trace.flows[number];
  struct probe *probe = &flow->probes[payload->hop];
  int ends = !is_time_exceeded(error);
  if (ends) end_flow(flow, (int)payload->hop);
  if (probe->answered || (int)payload->hop > flow->last) return;
  probe->answered = 1;
  if ((int)payload->hop == flow->sent) flow->next_at = 0;
  char address[80], quoted[256], what[300] = "";
  if (ends)
    snprintf(what, sizeof what, ",\"error\":%s,\"portUnreachable\":%s",
             json_string(icmp_error_text(is_six(), error->type, error->code), quoted, sizeof quoted),
             is_port_unreachable(error) ? "true" : "false");
  report_line("{\"flow\":%d,\"hop\":%u,\"from\":%s,\"rttMs\":%.3f%s}", number, payload->hop,
              json_string(error->from, address, sizeof address), reach_now_ms() - probe->sent_at[payload->attempt], what);
}

static void receive(int number) {
  struct network_error error;
  struct probe_payload payload;
  char ignored[64];
  // A datagram from the port itself is no answer to this verb's. It is read, so that poll(2) does not tell of it again.
  while (recv(trace.flows[number].fd, ignored, sizeof ignored, 0) >= 0) {}
  while (error_queue_read(trace.flows[number].fd, &error)) {
    if (!error.from_icmp || error.payload_length < sizeof payload) continue;
    memcpy(&payload, error.payload, sizeof payload);
    if (payload.random != trace.random || payload.hop < 1 || payload.hop > HOPS_MAX || payload.attempt >= ATTEMPTS) continue;
    report_answer(number, &error, &payload);
  }
}

// Sends what is due in a flow. Returns when it must be called again; -1 when nothing is left to do.
static double advance(int number) {
  struct flow *flow = &trace.flows[number];
  double now = reach_now_ms(), soonest = -1;
  if (flow->sent < flow->last && flow->next_at <= now) {
    send_probe(number, ++flow->sent);
    flow->next_at = now + PACE_MS;
  }
  if (flow->sent < flow->last) soonest = flow->next_at;
  for (int hop = 1; hop <= flow->sent && hop <= flow->last; hop++) {
    struct probe *probe = &flow->probes[hop];
    if (probe->answered) continue;
    double until = probe->sent_at[probe->attempts - 1] + trace.reach.timeout_ms;
    if (until <= now) {
      if (probe->attempts == ATTEMPTS) continue;
      send_probe(number, hop);
      until = now + trace.reach.timeout_ms;
    }
    if (soonest < 0 || until < soonest) soonest = until;
  }
  return soonest;
}

static void open_flows(void) {
  trace.flows = calloc((size_t)trace.reach.flows, sizeof *trace.flows);
  if (!trace.flows) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "trace");
  for (int i = 0; i < trace.reach.flows; i++) {
    trace.flows[i] = (struct flow){.fd = reach_socket(&trace.reach, SOCK_DGRAM), .last = trace.reach.hops};
    if (!reach_connect(&trace.reach, trace.flows[i].fd)) continue;
    report_local_error(i, strerror(errno));
    end_flow(&trace.flows[i], 0);
  }
}

// Sends what is due in all flows. Returns when it must be called again; -1 when nothing is left to do.
static double advance_all(void) {
  double soonest = -1;
  for (int i = 0; i < trace.reach.flows; i++) {
    double next = advance(i);
    if (next >= 0 && (soonest < 0 || next < soonest)) soonest = next;
  }
  return soonest;
}

void verb_trace(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("trace needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  reach_spec_read(&trace.reach);
  if (getrandom(&trace.random, sizeof trace.random, 0) < 0) fail(STEP_READ_RANDOM_BYTES, "read", "random bytes");
  join_keeper_user(options->keeper, options->start_time, caller);
  reach_join(&trace.reach);
  open_flows();
  struct pollfd watched[FLOWS_MAX];
  for (int i = 0; i < trace.reach.flows; i++) watched[i] = (struct pollfd){.fd = trace.flows[i].fd, .events = POLLIN};
  for (double next; (next = advance_all()) >= 0;) {
    double left = next - reach_now_ms();
    int ready = poll(watched, (nfds_t)trace.reach.flows, left > 0 ? (int)left + 1 : 0);
    if (ready < 0 && errno != EINTR) fail(STEP_OPEN_SOCKET, "watch", "UDP sockets");
    for (int i = 0; i < trace.reach.flows; i++) receive(i);
  }
}

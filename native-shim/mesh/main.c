// The verb `mesh`: pings from every node to every other node, tile by tile, so that both directions of a pair go while the two
// nodes know each other. It decides when a request is sent and when it is lost.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../icmp.h"
#include "../interrupt.h"
#include "../namespaces.h"
#include "../process.h"
#include "../report.h"
#include "../verbs.h"
#include "greet.h"
#include "links.h"
#include "neighbours.h"
#include "probes.h"
#include "results.h"
#include "tile.h"

enum {
  // How many requests of the last RECENT_MS may be unanswered: of pairs that have not answered before, so that no buffer on the
  // way overflows, and of the others, so that the time of an answer is that of the wire and not of a queue. Older requests do
  // not count, since in a lab that does not answer, these would take a whole time-out.
  RECENT_MAX = 256,
  TIMED_MAX = 16,
  RECENT_MS = 10,
  // So many requests are sent before answers are read.
  BATCH = 16,
  // How long requests wait when a socket's buffer is full, or memory is short.
  RETRY_MS = 1,
  EVENTS = 64,  // sockets that are read at a time
};

static struct {
  struct mesh_spec spec;
  struct probes probes;
  unsigned long long random;
  int epoll;
  double hold_until;
  struct tile tile;  // that is pinged
  int left;          // pairs of the tile that are not done
} mesh = {.spec = {.count = 1, .timeout_ms = 1000, .shares = 1, .side = SIDE_MAX}};

static double clock_ms(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }

static int is_six(const union address *address) { return address->any.sa_family == AF_INET6; }

static void watch(int fd, unsigned six, const char *process) {
  if (fd < 0) fail(STEP_OPEN_SOCKET, "open", six ? "ICMPv6 socket" : "ICMP socket");
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (unsigned long long)(unsigned)fd << 1 | six};
  if (epoll_ctl(mesh.epoll, EPOLL_CTL_ADD, fd, &event)) fail(STEP_OPEN_SOCKET, "watch", process);
}

// Opens the sockets of a node in its network namespace, and reads its links there.
static void open_node(int number) {
  struct mesh_node *node = &mesh.spec.nodes[number];
  if (node->pid == 0) return;
  char process[32];
  snprintf(process, sizeof process, "process %d", (int)node->pid);
  namespaces_join(node->pid, node->start_time, CLONE_NEWNET, process);
  links_read(node);
  node->netlink = neighbours_open();
  const union address *list = node->list >= 0 ? mesh.spec.lists[node->list] : NULL;
  for (int i = 0; list && i < mesh.spec.node_count; i++) {
    int six = is_six(&list[i]);
    if (list[i].any.sa_family == 0 || node->icmp[six] >= 0) continue;
    watch(node->icmp[six] = icmp_open(list[i].any.sa_family), (unsigned)six, process);
  }
}

// Introduces the nodes of the tile. When the neighbour table is full, as when another mesh is pinged at the same time, the pairs
// of the tiles before make room, and those of this one and the next do so when they are done.
static void introduce_tile(void) {
  if (tile_introduce(&mesh.tile) || mesh.spec.forget) return;
  mesh.spec.forget = 1;
  struct tile each = tile_before_first(&mesh.spec);
  while (tile_next(&each) && (each.rows != mesh.tile.rows || each.columns != mesh.tile.columns)) tile_forget(&each);
  tile_introduce(&mesh.tile);
}

static void add_pair(int from, int to) {
  probes_add(&mesh.probes, from, to);
  mesh.left++;
}

// Handles a request that is answered or lost.
static void finish(int index) {
  struct probe probe = mesh.probes.all[index];
  struct mesh_pair *pair = results_of(probe.from, probe.to);
  if (++pair->done < mesh.spec.count) {
    probes_due(&mesh.probes, index);
    return;
  }
  probes_drop(&mesh.probes, index);
  int is_in_tile = tile_has(&mesh.tile, probe.from, probe.to);
  if (is_in_tile) mesh.left--;
  if (is_in_tile && pair->received == mesh.spec.count) return;  // its row is reported with the tile
  results_report(probe.from, probe.to, pair->sent);
  if (!is_in_tile) pair_forget(&mesh.spec, probe.from, probe.to);
}

static void report_error(const struct probe *probe, const char *text) {
  char quoted[256];
  report_line("{\"from\":%d,\"to\":%d,\"error\":%s}", probe->from, probe->to, json_string(text, quoted, sizeof quoted));
}

// Sends the request that is due first. Returns whether more can be sent now.
static int send_next(void) {
  int index = mesh.probes.due.first;
  struct probe *probe = &mesh.probes.all[index];
  struct mesh_pair *pair = results_of(probe->from, probe->to);
  const union address *to = mesh_address(&mesh.spec, probe->from, probe->to);
  probe->sequence = pair->sent;
  struct cookie cookie = {mesh.random, (unsigned)index, (unsigned)(probe->from * mesh.spec.node_count + probe->to),
                          probe->sequence};
  probe->sent_at = now_ms(), probe->sent_at_real = clock_ms(CLOCK_REALTIME);
  int socket = mesh.spec.nodes[probe->from].icmp[is_six(to)];
  int failed = icmp_send(socket, to, &cookie, ICMP_DATA) ? errno : 0;
  if (failed == EAGAIN || failed == ENOBUFS || failed == ENOMEM) {
    mesh.hold_until = probe->sent_at + RETRY_MS;
    return 0;
  }
  pair->sent++;
  probes_wait(&mesh.probes, index);
  if (!failed) return 1;
  report_error(probe, strerror(failed));
  finish(index);
  return 1;
}

// The time from sending to the kernel's timestamp, which does not contain how long the reply waited to be read. When
// somebody has set the clock meanwhile, the timestamp is wrong, and the time until now is taken.
static unsigned round_trip_us(const struct probe *probe, const struct answer *answer) {
  double elapsed = now_ms() - probe->sent_at, stamped = answer->received_at_ms - probe->sent_at_real;
  double ms = stamped > 0 && stamped < elapsed ? stamped : elapsed;
  return ms * 1e3 < INT_MAX ? (unsigned)(ms * 1e3 + 0.5) : INT_MAX;
}

// Reads all packets that a socket has.
static void receive(int fd, int family) {
  struct answer answer;
  for (int kind; (kind = icmp_receive(fd, family, &answer)) >= 0;) {
    unsigned index = answer.cookie.probe;
    if (kind == 0 || answer.cookie.random != mesh.random || index >= (unsigned)mesh.probes.count) continue;
    struct probe *probe = &mesh.probes.all[index];
    if (!probe->is_waiting || answer.cookie.sequence != probe->sequence ||
        answer.cookie.pair != (unsigned)(probe->from * mesh.spec.node_count + probe->to))
      continue;
    struct mesh_pair *pair = results_of(probe->from, probe->to);
    if (answer.error) {
      report_error(probe, answer.error);
    } else {
      unsigned us = round_trip_us(probe, &answer);
      if (pair->received++ == 0 || us < pair->least_us) pair->least_us = us;
    }
    finish((int)index);
  }
}

// How many requests of the last RECENT_MS are unanswered.
static int recent(double now) {
  int count = 0, index = mesh.probes.waiting.last;
  for (; index != NO_PROBE && mesh.probes.all[index].sent_at > now - RECENT_MS; index = mesh.probes.all[index].before) count++;
  return count;
}

static int most(void) {
  const struct probe *next = &mesh.probes.all[mesh.probes.due.first];
  return results_of(next->from, next->to)->received ? TIMED_MAX : RECENT_MAX;
}

// Sends requests that are due, as far as there is room. Returns the time at which there is more to do; when that is at once, it
// has passed.
static double advance(void) {
  const struct probes *probes = &mesh.probes;
  double now = now_ms();
  int under_way = recent(now), sent = 0;
  while (sent < BATCH && probes->due.length > 0 && under_way + sent < most() && now >= mesh.hold_until && send_next()) sent++;
  if (sent == BATCH || (mesh.left == 0 && mesh.tile.rows < mesh.tile.groups)) return now;
  double soonest = now + RECENT_MS;
  if (probes->waiting.length > 0 && probes->all[probes->waiting.first].sent_at + mesh.spec.timeout_ms < soonest)
    soonest = probes->all[probes->waiting.first].sent_at + mesh.spec.timeout_ms;
  if (probes->due.length > 0 && mesh.hold_until > now && mesh.hold_until < soonest) soonest = mesh.hold_until;
  return soonest;
}

// Gives up requests that had waited too long at this time. All that had come until then must have been read.
static void expire(double time) {
  const struct probes *probes = &mesh.probes;
  while (probes->waiting.length > 0 && probes->all[probes->waiting.first].sent_at + mesh.spec.timeout_ms <= time)
    finish(probes->waiting.first);
}

// Whether the tile can be left: all of it is done, or what is left waits for answers that are not those of an idle wire.
static int is_tile_over(void) {
  if (mesh.left == 0) return 1;
  return mesh.probes.due.length == 0 && mesh.probes.waiting.length > 0 &&
         mesh.probes.all[mesh.probes.waiting.last].sent_at <= now_ms() - RECENT_MS;
}

// Reads answers, at the latest until this time, and gives up requests.
static void wait_until(double time, const sigset_t *signals) {
  struct epoll_event events[EVENTS];
  double now = now_ms();
  int ready = epoll_pwait(mesh.epoll, events, EVENTS, 0, signals);
  if (ready == 0 && time > now) {
    report_flush();
    now = now_ms();
    double wait = time > now ? time - now : 0;
    ready = epoll_pwait(mesh.epoll, events, EVENTS, wait < INT_MAX ? (int)wait + 1 : INT_MAX, signals);
  }
  for (int i = 0; i < ready; i++)
    receive((int)(events[i].data.u64 >> 1), events[i].data.u64 & 1 ? AF_INET6 : AF_INET);
  if (ready < EVENTS) expire(now);
}

// Reports the pairs that were not done when the sending was stopped. A request that may still be answered does not count.
static void report_rest(void) {
  for (int i = 0; i < mesh.probes.count; i++) {
    const struct probe *probe = &mesh.probes.all[i];
    struct mesh_pair *pair = results_of(probe->from, probe->to);
    if (pair->done < mesh.spec.count && pair->done > 0 && !pair->is_reported) results_report(probe->from, probe->to, pair->done);
  }
}

void verb_mesh(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("mesh needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  mesh_spec_read(&mesh.spec);
  if (getrandom(&mesh.random, sizeof mesh.random, 0) < 0) fail(STEP_READ_RANDOM_BYTES, "read", "random bytes");
  raise_file_limit();
  join_keeper_user(options->keeper, options->start_time, caller);
  mesh.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (mesh.epoll < 0) fail(STEP_OPEN_SOCKET, "make", "epoll");
  for (int i = 0; i < mesh.spec.node_count; i++) open_node(i);
  greet(&mesh.spec);
  results_start(&mesh.spec);
  probes_start(&mesh.probes);
  report_in_blocks();
  sigset_t signals = stop_at_interrupt();
  mesh.tile = tile_before_first(&mesh.spec);
  while (tile_next(&mesh.tile) && !is_stopped()) {
    mesh.left = 0;
    introduce_tile();
    tile_each(&mesh.tile, add_pair);
    while (!is_stopped() && !is_tile_over()) wait_until(advance(), &signals);
    tile_report(&mesh.tile);
    tile_forget(&mesh.tile);
  }
  while (!is_stopped() && mesh.probes.due.length + mesh.probes.waiting.length > 0) wait_until(advance(), &signals);
  report_rest();
  report_flush();
}

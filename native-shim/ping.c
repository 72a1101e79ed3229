// The verb `ping`: sends echo requests from many nodes to many addresses, side by side, from one process. It decides
// when a request is sent and when it is lost; icmp.c makes and reads the packets.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "icmp.h"
#include "interrupt.h"
#include "namespaces.h"
#include "ping_spec.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "verbs.h"

enum {
  // At most so many requests of the last RECENT_MS may be unanswered, so that no buffer or neighbour queue on the way
  // overflows. Older ones do not count, since in a lab that does not answer, 256 requests would take a whole time-out.
  RECENT_MAX = 256,
  RECENT_MS = 10,
  // So few of pairs that have answered before, so that the time of an answer is that of the wire and not of a queue.
  TIMED_MAX = 16,
  // How long a request waits when the socket's buffer is full, or memory is short.
  RETRY_MS = 1,
  EVENTS = 64,  // sockets that are read at a time
  NONE = -1,
};

// A request that is sent and not answered yet. These form a linked list in the order of sending, so the oldest, which
// is the next to be lost, comes first.
struct probe {
  int pair, sequence;
  double sent_at, sent_at_real;
  int waiting, older, newer;
};

static struct {
  struct ping_spec spec;
  struct probe *probes;
  int probe_count;
  int *due;  // a ring: pairs that have more requests to send, the one that is due first in front
  int due_first, due_count;
  int oldest, newest, free;
  unsigned long long random;
  int epoll;
} ping = {.spec = {.count = 3, .interval_ms = 200, .timeout_ms = 1000}, .oldest = NONE, .newest = NONE, .free = NONE};

static double clock_ms(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }

static void watch(int fd, unsigned six, const char *what) {
  if (fd < 0) fail(STEP_OPEN_SOCKET, "open", six ? "ICMPv6 socket" : "ICMP socket");
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (unsigned long long)(unsigned)fd << 1 | six};
  if (epoll_ctl(ping.epoll, EPOLL_CTL_ADD, fd, &event)) fail(STEP_OPEN_SOCKET, "watch", what);
}

// Opens the sockets of every source, each in the network namespace of its node.
static void open_sources(void) {
  for (int i = 0; i < ping.spec.pair_count; i++) {
    struct pair *pair = &ping.spec.pairs[i];
    struct source *source = &ping.spec.sources[pair->source];
    unsigned six = pair->to.any.sa_family == AF_INET6;
    if (source->sockets[six] >= 0 && !*pair->zone) continue;
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)source->pid);
    namespaces_join(source->pid, source->start_time, CLONE_NEWNET, process);
    if (*pair->zone && !(pair->to.v6.sin6_scope_id = if_nametoindex(pair->zone)))
      fail(STEP_FIND_INTERFACE, "find interface", pair->zone);
    if (source->sockets[six] >= 0) continue;
    watch(source->sockets[six] = icmp_open(pair->to.any.sa_family), six, process);
    if (ping.spec.size && icmp_dont_fragment(source->sockets[six], pair->to.any.sa_family))
      fail(STEP_OPEN_SOCKET, "forbid fragments on", process);
  }
}

// Opens the sockets on which nodes see the requests that they answer, of the families that are pinged.
static void open_witnesses(void) {
  int families[2] = {0, 0};
  for (int i = 0; i < ping.spec.pair_count; i++) families[ping.spec.pairs[i].to.any.sa_family == AF_INET6] = 1;
  for (int i = 0; i < ping.spec.witness_count; i++) {
    struct source *witness = &ping.spec.witnesses[i];
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)witness->pid);
    namespaces_join(witness->pid, witness->start_time, CLONE_NEWNET, process);
    for (unsigned six = 0; six < 2; six++)
      if (families[six]) watch(witness->sockets[six] = icmp_open_for_requests(six ? AF_INET6 : AF_INET), six, process);
  }
}

// Puts a pair at the end of the ring: its next request is due at `at`.
static void queue(int pair, double at) {
  ping.spec.pairs[pair].next_at = at;
  ping.due[(ping.due_first + ping.due_count++) % ping.spec.pair_count] = pair;
}

static void queue_all(void) {
  ping.due = malloc(sizeof *ping.due * (size_t)(ping.spec.pair_count ? ping.spec.pair_count : 1));
  if (!ping.due) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "ping");
  for (int i = 0; i < ping.spec.pair_count; i++) queue(i, 0);
}

// Adds a request to the list, as the newest. Returns its index.
static int add_probe(int pair, int sequence) {
  int index = ping.free;
  if (index != NONE) {
    ping.free = ping.probes[index].newer;
  } else {
    ping.probes = ping_grow(ping.probes, ping.probe_count, sizeof *ping.probes);
    index = ping.probe_count++;
  }
  ping.probes[index] =
      (struct probe){.pair = pair, .sequence = sequence, .waiting = 1, .older = ping.newest, .newer = NONE};
  *(ping.newest == NONE ? &ping.oldest : &ping.probes[ping.newest].newer) = index;
  ping.newest = index;
  return index;
}

// Takes a request out of the list. Its place in the array is used again.
static void drop_probe(int index) {
  struct probe *probe = &ping.probes[index];
  *(probe->older == NONE ? &ping.oldest : &ping.probes[probe->older].newer) = probe->newer;
  *(probe->newer == NONE ? &ping.newest : &ping.probes[probe->newer].older) = probe->older;
  probe->waiting = 0, probe->newer = ping.free, ping.free = index;
}

static void report_end(int pair, int sent) {
  report_line("{\"pair\":%d,\"sent\":%d,\"received\":%d}", pair, sent, ping.spec.pairs[pair].received);
}

// Drops a request that is answered or lost, and reports the end of its pair when it was the last. Without an interval, the
// next request is due now.
static void finish_probe(int index) {
  int number = ping.probes[index].pair;
  struct pair *pair = &ping.spec.pairs[number];
  drop_probe(index);
  if (++pair->done == ping.spec.count) report_end(number, pair->sent);
  else if (ping.spec.interval_ms <= 0) queue(number, now_ms());
}

// Reports why a request gets no reply: an error of this kernel, or the message `answer` of a node.
static void report_error(const struct probe *probe, const char *text, const struct answer *answer) {
  char quoted[256], whom[128] = "", address[80];
  if (answer)
    snprintf(whom, sizeof whom, ",\"from\":%s,\"type\":%d,\"code\":%d",
             json_string(answer->from, address, sizeof address), answer->type, answer->code);
  report_line("{\"pair\":%d,\"sequence\":%d,\"error\":%s%s}", probe->pair, probe->sequence,
              json_string(text, quoted, sizeof quoted), whom);
}

// Sends the next request of a pair. Returns whether it has been sent.
static int send_probe(int number) {
  struct pair *pair = &ping.spec.pairs[number];
  int six = pair->to.any.sa_family == AF_INET6, index = add_probe(number, pair->sent);
  struct probe *probe = &ping.probes[index];
  struct cookie cookie = {ping.random, (unsigned)index, (unsigned)number, (unsigned)pair->sent};
  probe->sent_at = now_ms(), probe->sent_at_real = clock_ms(CLOCK_REALTIME);
  int failed = icmp_send(ping.spec.sources[pair->source].sockets[six], &pair->to, &cookie,
                         ping.spec.size ? (size_t)ping.spec.size : ICMP_DATA)
                   ? errno : 0;
  if (failed == EAGAIN || failed == ENOBUFS || failed == ENOMEM) {
    drop_probe(index);
    queue(number, probe->sent_at + RETRY_MS);
    return 0;
  }
  if (++pair->sent < ping.spec.count && ping.spec.interval_ms > 0)
    queue(number, probe->sent_at + ping.spec.interval_ms);
  if (!failed) return 1;
  report_error(probe, strerror(failed), NULL);
  finish_probe(index);
  return 0;
}

// The time from sending to the kernel's timestamp, which does not contain how long the reply waited to be read. When
// somebody has set the clock meanwhile, the timestamp is wrong, and the time until now is returned.
static double round_trip_ms(const struct probe *probe, const struct answer *answer) {
  double elapsed = now_ms() - probe->sent_at, stamped = answer->received_at_ms - probe->sent_at_real;
  return stamped > 0 && stamped < elapsed ? stamped : elapsed;
}

// Reads all packets that a socket has, and reports the answers to requests of this run.
static void receive(int fd, int family) {
  struct answer answer;
  for (int kind; (kind = icmp_receive(fd, family, &answer)) >= 0;) {
    unsigned index = answer.cookie.probe;
    if (kind == 0 || answer.cookie.random != ping.random || index >= (unsigned)ping.probe_count) continue;
    if (answer.is_request) {  // it has come to a witness, which answers it
      int i = 0;
      while (ping.spec.witnesses[i].sockets[0] != fd && ping.spec.witnesses[i].sockets[1] != fd) i++;
      report_line("{\"pair\":%u,\"sequence\":%u,\"witness\":%d}", answer.cookie.pair, answer.cookie.sequence, i);
      continue;
    }
    struct probe *probe = &ping.probes[index];
    if (!probe->waiting || (unsigned)probe->pair != answer.cookie.pair ||
        (unsigned)probe->sequence != answer.cookie.sequence)
      continue;
    if (answer.error) {
      report_error(probe, answer.error, &answer);
    } else {
      ping.spec.pairs[probe->pair].received++;
      report_line("{\"pair\":%d,\"sequence\":%d,\"rttMs\":%.3f,\"ttl\":%d}", probe->pair, probe->sequence,
                  round_trip_ms(probe, &answer), answer.ttl);
    }
    finish_probe((int)index);
  }
}

// How many requests are recent.
static int recent(double now) {
  int count = 0;
  for (int i = ping.newest; i != NONE && ping.probes[i].sent_at > now - RECENT_MS; i = ping.probes[i].older) count++;
  return count;
}

// How many requests may be recent when that of the next pair is sent.
static int most(void) { return ping.spec.pairs[ping.due[ping.due_first]].received ? TIMED_MAX : RECENT_MAX; }

// Gives up requests that had waited too long at this time. All that had come until then must have been read.
static void expire(double time) {
  while (ping.oldest != NONE && ping.probes[ping.oldest].sent_at + ping.spec.timeout_ms <= time)
    finish_probe(ping.oldest);
}

// Sends the requests that are due, as far as there is room. Returns the time at which it must be called again; when nothing is
// left to do, that is now.
static double advance(void) {
  double now = now_ms(), soonest = now;
  int under_way = recent(now);
  while (ping.due_count > 0 && under_way < most() && ping.spec.pairs[ping.due[ping.due_first]].next_at <= now) {
    int pair = ping.due[ping.due_first];
    ping.due_first = (ping.due_first + 1) % ping.spec.pair_count, ping.due_count--;
    under_way += send_probe(pair);
  }
  if (ping.oldest != NONE) soonest = ping.probes[ping.oldest].sent_at + ping.spec.timeout_ms;
  if (ping.due_count > 0) {
    double next = under_way < most() ? ping.spec.pairs[ping.due[ping.due_first]].next_at : now + RECENT_MS;
    if (next < soonest || ping.oldest == NONE) soonest = next;
  }
  return soonest;
}

// Reports the pairs that were not done when the sending was stopped. A request that may still be answered does not count.
static void report_rest(void) {
  for (int i = 0; i < ping.spec.pair_count; i++)
    if (ping.spec.pairs[i].done < ping.spec.count) report_end(i, ping.spec.pairs[i].done);
}

void verb_ping(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("ping needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  ping_spec_read(&ping.spec);
  if (getrandom(&ping.random, sizeof ping.random, 0) < 0) fail(STEP_READ_RANDOM_BYTES, "read", "random bytes");
  raise_file_limit();
  join_keeper_user(options->keeper, options->start_time, caller);
  ping.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (ping.epoll < 0) fail(STEP_OPEN_SOCKET, "make", "epoll");
  open_witnesses();
  open_sources();
  queue_all();
  report_in_blocks();
  sigset_t waiting = stop_at_interrupt();
  while (!is_stopped() && (ping.due_count > 0 || ping.oldest != NONE)) {
    double next = advance(), now = now_ms();
    struct epoll_event events[EVENTS];
    int ready = epoll_pwait(ping.epoll, events, EVENTS, 0, &waiting);
    if (ready == 0 && next > now) {
      report_flush();
      double wait = next - (now = now_ms());
      if (wait < 0) wait = 0;
      ready = epoll_pwait(ping.epoll, events, EVENTS, wait < INT_MAX ? (int)wait + 1 : INT_MAX, &waiting);
    }
    for (int i = 0; i < ready; i++)
      receive((int)(events[i].data.u64 >> 1), events[i].data.u64 & 1 ? AF_INET6 : AF_INET);
    if (ready < EVENTS) expire(now);
  }
  report_rest();
  report_flush();
}

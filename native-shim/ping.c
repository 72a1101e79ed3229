// The verb `ping`: echo requests from many nodes to many addresses, side by side, from one process. It decides what is
// sent when, and what is lost; packets are icmp.c's.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "icmp.h"
#include "namespaces.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "spec.h"
#include "verbs.h"

enum {
  // Requests awaiting their answer, in all: few enough that no buffer or neighbour queue on the way overflows. Those
  // that got none for RECENT_MS do not count, or a lab that does not answer would take a time-out for each 256 of them.
  RECENT_MAX = 256,
  RECENT_MS = 10,
  // Until a socket whose buffer is full is tried again.
  RETRY_MS = 1,
  NONE = -1,
};

// Who sends: a node, with one socket a family, made when first needed.
struct source {
  pid_t pid;
  unsigned long long start_time;
  int sockets[2];  // IPv4, IPv6; -1 without
};

struct pair {
  int source;
  union address to;
  char zone[IF_NAMESIZE];  // interface of a link-local address
  int sent, done, received;
  double next_at;
};

// One request whose answer is awaited. They form a list in the order of sending, which is that of giving up.
struct probe {
  int pair, sequence;
  double sent_at, sent_at_real;
  int waiting, older, newer;
};

static struct {
  int count;
  double interval_ms, timeout_ms;
  struct source *sources;
  struct pair *pairs;
  struct probe *probes;
  int source_count, pair_count, probe_count;
  int *due;  // a ring: pairs that have more to send, the soonest first
  int due_first, due_count;
  int oldest, newest, free;
  unsigned long long random;
  int epoll;
} ping = {.count = 3, .interval_ms = 200, .timeout_ms = 1000, .oldest = NONE, .newest = NONE, .free = NONE};

static double clock_ms(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }

static void *grow(void *array, int count, size_t size) {
  // Doubles at each power of two.
  if (count & (count - 1)) return array;
  array = realloc(array, size * (size_t)(count ? count * 2 : 1));
  if (!array) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "ping");
  return array;
}

static void add_source(const char *pid, const char *start_time) {
  ping.sources = grow(ping.sources, ping.source_count, sizeof *ping.sources);
  ping.sources[ping.source_count++] = (struct source){
      .pid = (pid_t)spec_number(pid, "from", 1, INT_MAX),
      .start_time = (unsigned long long)spec_number(start_time, "from", 1, 1ULL << 53),
      .sockets = {-1, -1},
  };
}

static void add_pair(const char *address) {
  if (ping.source_count == 0) fail_with(STEP_READ_SPEC, EBADMSG, "read a target without a source", address);
  struct pair pair = {.source = ping.source_count - 1};
  char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
  if (snprintf(text, sizeof text, "%s", address) >= (int)sizeof text) fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  char *zone = strchr(text, '%');
  if (zone) *zone++ = 0;
  if (inet_pton(AF_INET, text, &pair.to.v4.sin_addr) == 1 && !zone) pair.to.v4.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &pair.to.v6.sin6_addr) == 1) pair.to.v6.sin6_family = AF_INET6;
  else fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  if (zone && (!*zone || strlen(zone) >= sizeof pair.zone)) fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  if (zone) memcpy(pair.zone, zone, strlen(zone) + 1);
  ping.pairs = grow(ping.pairs, ping.pair_count, sizeof *ping.pairs);
  ping.pairs[ping.pair_count++] = pair;
}

static void read_spec(void) {
  struct spec spec;
  spec_read(&spec);
  for (const char *word; (word = spec_next(&spec));) {
    const char *value = spec_argument(&spec, word);
    if (!strcmp(word, "count")) ping.count = (int)spec_number(value, word, 1, INT_MAX);
    else if (!strcmp(word, "interval")) ping.interval_ms = spec_number(value, word, 0, INT_MAX);
    else if (!strcmp(word, "timeout")) ping.timeout_ms = spec_number(value, word, 0, INT_MAX);
    else if (!strcmp(word, "from")) add_source(value, spec_argument(&spec, word));
    else if (!strcmp(word, "to")) add_pair(value);
    else fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
  }
  spec_free(&spec);
}

// Makes the sockets of every source; each stays in its node's network namespace.
static void open_sources(void) {
  ping.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (ping.epoll < 0) fail(STEP_OPEN_SOCKET, "make", "epoll");
  for (int i = 0; i < ping.pair_count; i++) {
    struct pair *pair = &ping.pairs[i];
    struct source *source = &ping.sources[pair->source];
    unsigned six = pair->to.any.sa_family == AF_INET6;
    if (source->sockets[six] >= 0 && !*pair->zone) continue;
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)source->pid);
    namespaces_join(source->pid, source->start_time, CLONE_NEWNET, process);
    if (*pair->zone && !(pair->to.v6.sin6_scope_id = if_nametoindex(pair->zone))) fail(STEP_FIND_INTERFACE, "find interface", pair->zone);
    if (source->sockets[six] >= 0) continue;
    int fd = source->sockets[six] = icmp_open(pair->to.any.sa_family);
    if (fd < 0) fail(STEP_OPEN_SOCKET, "open", six ? "ICMPv6 socket" : "ICMP socket");
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (unsigned long long)(unsigned)fd << 1 | six};
    if (epoll_ctl(ping.epoll, EPOLL_CTL_ADD, fd, &event)) fail(STEP_OPEN_SOCKET, "watch", process);
  }
}

static void queue(int pair, double at) {
  ping.pairs[pair].next_at = at;
  ping.due[(ping.due_first + ping.due_count++) % ping.pair_count] = pair;
}

static void queue_all(void) {
  ping.due = malloc(sizeof *ping.due * (size_t)(ping.pair_count ? ping.pair_count : 1));
  if (!ping.due) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "ping");
  for (int i = 0; i < ping.pair_count; i++) queue(i, 0);
}

static int add_probe(int pair, int sequence) {
  int index = ping.free;
  if (index != NONE) {
    ping.free = ping.probes[index].newer;
  } else {
    ping.probes = grow(ping.probes, ping.probe_count, sizeof *ping.probes);
    index = ping.probe_count++;
  }
  ping.probes[index] =
      (struct probe){.pair = pair, .sequence = sequence, .waiting = 1, .older = ping.newest, .newer = NONE};
  *(ping.newest == NONE ? &ping.oldest : &ping.probes[ping.newest].newer) = index;
  ping.newest = index;
  return index;
}

static void drop_probe(int index) {
  struct probe *probe = &ping.probes[index];
  *(probe->older == NONE ? &ping.oldest : &ping.probes[probe->older].newer) = probe->newer;
  *(probe->newer == NONE ? &ping.newest : &ping.probes[probe->newer].older) = probe->older;
  probe->waiting = 0, probe->newer = ping.free, ping.free = index;
}

static void finish_probe(int index) {
  int number = ping.probes[index].pair;
  struct pair *pair = &ping.pairs[number];
  drop_probe(index);
  if (++pair->done < ping.count) return;
  report_line("{\"pair\":%d,\"sent\":%d,\"received\":%d}", number, pair->sent, pair->received);
}

static void report_error(const struct probe *probe, const char *text, const char *from) {
  char quoted[256], whom[128] = "", address[80];
  if (from) snprintf(whom, sizeof whom, ",\"from\":%s", json_string(from, address, sizeof address));
  report_line("{\"pair\":%d,\"sequence\":%d,\"error\":%s%s}", probe->pair, probe->sequence,
              json_string(text, quoted, sizeof quoted), whom);
}

// Returns whether an answer is awaited now.
static int send_probe(int number) {
  struct pair *pair = &ping.pairs[number];
  int six = pair->to.any.sa_family == AF_INET6, index = add_probe(number, pair->sent);
  struct probe *probe = &ping.probes[index];
  struct cookie cookie = {ping.random, (unsigned)index, (unsigned)number, (unsigned)pair->sent};
  probe->sent_at = now_ms(), probe->sent_at_real = clock_ms(CLOCK_REALTIME);
  int failed = icmp_send(ping.sources[pair->source].sockets[six], &pair->to, &cookie) ? errno : 0;
  if (failed == EAGAIN || failed == ENOBUFS) {
    drop_probe(index);
    queue(number, probe->sent_at + RETRY_MS);
    return 0;
  }
  if (++pair->sent < ping.count) queue(number, probe->sent_at + ping.interval_ms);
  if (!failed) return 1;
  report_error(probe, strerror(failed), NULL);
  finish_probe(index);
  return 0;
}

// The kernel's timestamp leaves out how long the answer waited for us; it is of no use when the clock was set meanwhile.
static double round_trip_ms(const struct probe *probe, const struct answer *answer) {
  double elapsed = now_ms() - probe->sent_at, stamped = answer->received_at_ms - probe->sent_at_real;
  return stamped > 0 && stamped < elapsed ? stamped : elapsed;
}

static void receive(int fd, int family) {
  struct answer answer;
  for (int kind; (kind = icmp_receive(fd, family, &answer)) >= 0;) {
    unsigned index = answer.cookie.probe;
    if (kind == 0 || answer.cookie.random != ping.random || index >= (unsigned)ping.probe_count) continue;
    struct probe *probe = &ping.probes[index];
    if (!probe->waiting || (unsigned)probe->pair != answer.cookie.pair ||
        (unsigned)probe->sequence != answer.cookie.sequence)
      continue;
    if (answer.error) {
      report_error(probe, answer.error, answer.from);
    } else {
      ping.pairs[probe->pair].received++;
      report_line("{\"pair\":%d,\"sequence\":%d,\"rttMs\":%.3f,\"ttl\":%d}", probe->pair, probe->sequence,
                  round_trip_ms(probe, &answer), answer.ttl);
    }
    finish_probe((int)index);
  }
}

// How many more may be sent now.
static int room(double now) {
  int recent = 0;
  for (int i = ping.newest; i != NONE && ping.probes[i].sent_at > now - RECENT_MS; i = ping.probes[i].older) recent++;
  return RECENT_MAX - recent;
}

// Sends what is due as far as there is room, and gives up on what has waited too long. Returns when it is to be called
// again at the latest; a time that has passed when nothing is left to do.
static double advance(void) {
  double now = now_ms(), soonest = now;
  while (ping.oldest != NONE && ping.probes[ping.oldest].sent_at + ping.timeout_ms <= now) finish_probe(ping.oldest);
  int left = room(now);
  while (ping.due_count > 0 && left > 0 && ping.pairs[ping.due[ping.due_first]].next_at <= now) {
    int pair = ping.due[ping.due_first];
    ping.due_first = (ping.due_first + 1) % ping.pair_count, ping.due_count--;
    left -= send_probe(pair);
  }
  if (ping.oldest != NONE) soonest = ping.probes[ping.oldest].sent_at + ping.timeout_ms;
  if (ping.due_count > 0) {
    double next = left > 0 ? ping.pairs[ping.due[ping.due_first]].next_at : now + RECENT_MS;
    if (next < soonest || ping.oldest == NONE) soonest = next;
  }
  return soonest;
}

void verb_ping(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("ping needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  read_spec();
  if (getrandom(&ping.random, sizeof ping.random, 0) < 0) fail(STEP_READ_RANDOM_BYTES, "read", "random bytes");
  struct rlimit files;
  if (!getrlimit(RLIMIT_NOFILE, &files)) files.rlim_cur = files.rlim_max, setrlimit(RLIMIT_NOFILE, &files);
  // From the lab's outer user namespace, every node's network namespace can be entered.
  namespaces_join(options->keeper, options->start_time, CLONE_NEWUSER, "keeper");
  die_with_parent(caller);
  open_sources();
  queue_all();
  report_in_blocks();
  while (ping.due_count > 0 || ping.oldest != NONE) {
    double wait = advance() - now_ms();
    struct epoll_event events[64];
    int ready = epoll_wait(ping.epoll, events, 64, 0);
    if (ready == 0 && wait > 0) {
      report_flush();
      ready = epoll_wait(ping.epoll, events, 64, wait < INT_MAX ? (int)wait + 1 : INT_MAX);
    }
    for (int i = 0; i < ready; i++)
      receive((int)(events[i].data.u64 >> 1), events[i].data.u64 & 1 ? AF_INET6 : AF_INET);
  }
  report_flush();
}

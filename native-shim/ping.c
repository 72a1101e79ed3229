// The verb `ping`: echo requests from many nodes to many addresses, side by side, from one process.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "namespaces.h"
#include "process.h"
#include "report.h"
#include "scope.h"
#include "spec.h"
#include "verbs.h"

enum {
  PAYLOAD = 56,     // as ping(8)
  IN_FLIGHT = 256,  // in all: small enough that no socket's receive buffer overflows
  ICMP_FILTER_OPTION = 1,  // ICMP_FILTER of linux/icmp.h, which cannot be included beside netinet/ip_icmp.h
};

// Who sends: a node, with one socket a family, made when first needed.
struct source {
  pid_t pid;
  int netns;
  int sockets[2];  // IPv4, IPv6; -1 without
};

struct pair {
  int source;
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } to;
  const char *zone;  // interface of a link-local address; a word of the spec
  int sent, done, received;
  double next_at;
};

// One echo request under way.
struct probe {
  int pair, sequence;
  double sent_at;
  int waiting;
};

// What every request carries, so that a reply is known to be to one of ours.
struct cookie {
  unsigned long long random;
  unsigned pair, sequence;
};

static struct {
  int count;
  double interval_ms, timeout_ms;
  struct source *sources;
  struct pair *pairs;
  int source_count, pair_count;
  struct probe probes[IN_FLIGHT];
  int in_flight;
  unsigned long long random;
  int epoll;
} ping = {.count = 3, .interval_ms = 200, .timeout_ms = 1000};

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void *grow(void *array, int count, size_t size) {
  // Doubles at each power of two.
  if (count & (count - 1)) return array;
  array = realloc(array, size * (size_t)(count ? count * 2 : 1));
  if (!array) fail("allocate memory", "ping");
  return array;
}

static void add_source(const char *pid) {
  ping.sources = grow(ping.sources, ping.source_count, sizeof *ping.sources);
  ping.sources[ping.source_count++] = (struct source){.pid = atoi(pid), .netns = -1, .sockets = {-1, -1}};
}

static void add_pair(const char *address) {
  if (ping.source_count == 0) errno = EBADMSG, fail("read a target without a source", address);
  struct pair pair = {.source = ping.source_count - 1};
  char text[INET6_ADDRSTRLEN + IFNAMSIZ + 1];
  snprintf(text, sizeof text, "%s", address);
  char *zone = strchr(text, '%');
  if (zone) *zone = 0;
  if (inet_pton(AF_INET, text, &pair.to.v4.sin_addr) == 1) pair.to.v4.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &pair.to.v6.sin6_addr) == 1) pair.to.v6.sin6_family = AF_INET6;
  else errno = EINVAL, fail("read address", address);
  if (zone) pair.zone = strchr(address, '%') + 1;
  ping.pairs = grow(ping.pairs, ping.pair_count, sizeof *ping.pairs);
  ping.pairs[ping.pair_count++] = pair;
}

static void read_spec(void) {
  struct spec spec;
  spec_read(&spec);
  for (const char *word; (word = spec_next(&spec));) {
    const char *value = spec_argument(&spec, word);
    if (!strcmp(word, "count")) ping.count = atoi(value);
    else if (!strcmp(word, "interval")) ping.interval_ms = atof(value);
    else if (!strcmp(word, "timeout")) ping.timeout_ms = atof(value);
    else if (!strcmp(word, "from")) add_source(value);
    else if (!strcmp(word, "to")) add_pair(value);
    else errno = EINVAL, fail("understand the word", word);
  }
}

static int open_socket(int family) {
  int type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, buffer = 1 << 20;
  int fd = family == AF_INET ? socket(AF_INET, type, IPPROTO_ICMP) : socket(AF_INET6, type, IPPROTO_ICMPV6);
  if (fd < 0) fail("open", family == AF_INET ? "ICMP socket" : "ICMPv6 socket");
  if (family == AF_INET) {
    unsigned filter =
        ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED | 1U << ICMP_PARAMETERPROB);
    setsockopt(fd, SOL_RAW, ICMP_FILTER_OPTION, &filter, sizeof filter);
  } else {
    unsigned char pass[] = {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB};
    unsigned filter[8];  // struct icmp6_filter as Linux has it: a set bit blocks
    int on = 1;
    memset(filter, 0xff, sizeof filter);
    for (size_t i = 0; i < sizeof pass; i++) filter[pass[i] >> 5] &= ~(1U << (pass[i] & 31));
    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, filter, sizeof filter);
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
  }
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  return fd;
}

// Makes the sockets of every source; each stays in its node's network namespace.
static void open_sources(void) {
  ping.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (ping.epoll < 0) fail("make", "epoll");
  for (int i = 0; i < ping.pair_count; i++) {
    struct pair *pair = &ping.pairs[i];
    struct source *source = &ping.sources[pair->source];
    int six = pair->to.any.sa_family == AF_INET6;
    if (source->sockets[six] >= 0 && !pair->zone) continue;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)source->pid);
    SCOPED_FD netns = open(path, O_RDONLY | O_CLOEXEC);
    if (netns < 0 || setns(netns, CLONE_NEWNET)) fail("enter", path);
    if (pair->zone && !(pair->to.v6.sin6_scope_id = if_nametoindex(pair->zone))) fail("find interface", pair->zone);
    if (source->sockets[six] >= 0) continue;
    source->sockets[six] = open_socket(pair->to.any.sa_family);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (unsigned long long)source->sockets[six] << 1 | (unsigned)six};
    if (epoll_ctl(ping.epoll, EPOLL_CTL_ADD, source->sockets[six], &event)) fail("watch", path);
  }
}

static unsigned short checksum(const void *data, size_t length) {
  unsigned sum = 0;
  for (const unsigned short *at = data; length > 1; length -= 2) sum += *at++;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (unsigned short)~sum;
}

static void finish_probe(struct probe *probe) {
  struct pair *pair = &ping.pairs[probe->pair];
  probe->waiting = 0, ping.in_flight--;
  if (++pair->done < ping.count) return;
  report_line("{\"pair\":%d,\"sent\":%d,\"received\":%d}", probe->pair, pair->sent, pair->received);
}

static void report_error(const struct probe *probe, const char *text, const char *from) {
  char quoted[256], whom[128] = "", address[80];
  if (from) snprintf(whom, sizeof whom, ",\"from\":%s", json_string(from, address, sizeof address));
  report_line("{\"pair\":%d,\"sequence\":%d,\"error\":%s%s}", probe->pair, probe->sequence,
              json_string(text, quoted, sizeof quoted), whom);
}

static void send_probe(int index, struct probe *probe) {
  struct pair *pair = &ping.pairs[index];
  int six = pair->to.any.sa_family == AF_INET6;
  struct {
    unsigned char type, code;
    unsigned short checksum, id, sequence;
    unsigned char payload[PAYLOAD];
  } echo = {.type = six ? ICMP6_ECHO_REQUEST : ICMP_ECHO, .id = htons((unsigned short)getpid())};
  echo.sequence = htons((unsigned short)pair->sent);
  struct cookie cookie = {ping.random, (unsigned)index, (unsigned)pair->sent};
  memcpy(echo.payload, &cookie, sizeof cookie);
  if (!six) echo.checksum = checksum(&echo, sizeof echo);
  *probe = (struct probe){.pair = index, .sequence = pair->sent++, .waiting = 1};
  ping.in_flight++;
  probe->sent_at = now_ms();
  pair->next_at = probe->sent_at + ping.interval_ms;
  socklen_t length = six ? sizeof pair->to.v6 : sizeof pair->to.v4;
  if (sendto(ping.sources[pair->source].sockets[six], &echo, sizeof echo, 0, &pair->to.any, length) >= 0) return;
  report_error(probe, strerror(errno), NULL);
  finish_probe(probe);
}

static struct probe *find_probe(const unsigned char *payload, size_t length) {
  struct cookie cookie;
  if (length < sizeof cookie) return NULL;
  memcpy(&cookie, payload, sizeof cookie);
  if (cookie.random != ping.random) return NULL;
  for (int i = 0; i < IN_FLIGHT; i++) {
    struct probe *probe = &ping.probes[i];
    if (probe->waiting && probe->pair == (int)cookie.pair && probe->sequence == (int)cookie.sequence) return probe;
  }
  return NULL;
}

static int hop_limit_of(struct msghdr *message) {
  for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level != IPPROTO_IPV6 || each->cmsg_type != IPV6_HOPLIMIT) continue;
    int limit;
    memcpy(&limit, CMSG_DATA(each), sizeof limit);
    return limit;
  }
  return 0;
}

static const char *error_text(int six, int type, int code) {
  if (type == (six ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED)) return "Time to live exceeded";
  if (type == (six ? ICMP6_PARAM_PROB : ICMP_PARAMETERPROB)) return "Parameter problem";
  if (six) {
    static const char *const texts[] = {"No route", "Administratively prohibited", "Beyond scope of source address",
                                        "Address unreachable", "Port unreachable", "Source address failed policy",
                                        "Reject route"};
    return code < 7 ? texts[code] : "Destination unreachable";
  }
  static const char *const texts[] = {"Destination net unreachable", "Destination host unreachable",
                                      "Destination protocol unreachable", "Destination port unreachable",
                                      "Fragmentation needed"};
  return code < 5 ? texts[code] : code == 13 ? "Packet filtered" : "Destination unreachable";
}

static void handle(int six, const unsigned char *packet, size_t length, const struct sockaddr_storage *sender, int ttl,
                   double at) {
  if (length < 8) return;
  int type = packet[0];
  if (type == (six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY)) {
    struct probe *probe = find_probe(packet + 8, length - 8);
    if (!probe) return;
    ping.pairs[probe->pair].received++;
    report_line("{\"pair\":%d,\"sequence\":%d,\"rttMs\":%.3f,\"ttl\":%d}", probe->pair, probe->sequence,
                at - probe->sent_at, ttl);
    finish_probe(probe);
    return;
  }
  // An error carries the packet it is about: its IP header, then our ICMP header and payload.
  const unsigned char *inner = packet + 8;
  size_t rest = length - 8, header = six ? 40 : rest > 0 ? (size_t)(inner[0] & 15) * 4 : 0;
  if (rest < header + 8) return;
  struct probe *probe = find_probe(inner + header + 8, rest - header - 8);
  if (!probe) return;
  char from[INET6_ADDRSTRLEN] = "";
  if (six) inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)sender)->sin6_addr, from, sizeof from);
  else inet_ntop(AF_INET, &((const struct sockaddr_in *)sender)->sin_addr, from, sizeof from);
  report_error(probe, error_text(six, type, packet[1]), from);
  finish_probe(probe);
}

static void receive(int fd, int six) {
  for (;;) {
    unsigned char packet[2048], control[128];
    struct sockaddr_storage sender;
    struct iovec data = {.iov_base = packet, .iov_len = sizeof packet};
    struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &data, .msg_iovlen = 1,
                             .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0) return;
    double at = now_ms();
    size_t header = six || length == 0 ? 0 : (size_t)(packet[0] & 15) * 4;
    if ((size_t)length < header) continue;
    handle(six, packet + header, (size_t)length - header, &sender, six ? hop_limit_of(&message) : packet[8], at);
  }
}

// Sends what is due as far as there is room; returns when something will be due next.
static double send_due(int *next) {
  double now = now_ms(), soonest = now + 3600e3;
  for (int turn = 0; turn < ping.pair_count; turn++) {
    int index = (*next + turn) % ping.pair_count;
    struct pair *pair = &ping.pairs[index];
    if (pair->sent >= ping.count) continue;
    if (pair->next_at > now) {
      if (pair->next_at < soonest) soonest = pair->next_at;
      continue;
    }
    int slot = 0;
    while (slot < IN_FLIGHT && ping.probes[slot].waiting) slot++;
    if (slot == IN_FLIGHT) {
      *next = index;
      break;
    }
    send_probe(index, &ping.probes[slot]);
    if (pair->sent < ping.count && pair->next_at < soonest) soonest = pair->next_at;
  }
  return soonest;
}

// Gives up on what has waited too long; returns when the next one will have.
static double expire(void) {
  double now = now_ms(), soonest = now + 3600e3;
  for (int i = 0; i < IN_FLIGHT; i++) {
    struct probe *probe = &ping.probes[i];
    if (!probe->waiting) continue;
    double due = probe->sent_at + ping.timeout_ms;
    if (due <= now) finish_probe(probe);
    else if (due < soonest) soonest = due;
  }
  return soonest;
}

static int all_sent(void) {
  for (int i = 0; i < ping.pair_count; i++)
    if (ping.pairs[i].sent < ping.count) return 0;
  return 1;
}

void verb_ping(const struct options *options) {
  if (options->keeper <= 0) usage("ping needs --keeper");
  die_with_parent();
  read_spec();
  if (getrandom(&ping.random, sizeof ping.random, 0) < 0) fail("read", "random bytes");
  struct rlimit files;
  if (!getrlimit(RLIMIT_NOFILE, &files)) files.rlim_cur = files.rlim_max, setrlimit(RLIMIT_NOFILE, &files);
  // From the lab's outer user namespace, every node's network namespace can be entered.
  namespaces_join(options->keeper, CLONE_NEWUSER, "keeper");
  open_sources();
  int next = 0;
  while (ping.in_flight > 0 || !all_sent()) {
    double due = send_due(&next), expiry = expire();
    if (expiry < due) due = expiry;
    if (ping.in_flight == 0 && all_sent()) break;
    double wait = due - now_ms();
    struct epoll_event events[64];
    int ready = epoll_wait(ping.epoll, events, 64, wait <= 0 ? 0 : (int)wait + 1);
    for (int i = 0; i < ready; i++) receive((int)(events[i].data.u64 >> 1), (int)(events[i].data.u64 & 1));
  }
}

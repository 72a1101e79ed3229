#define _GNU_SOURCE
#include "reach_spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "namespaces.h"
#include "report.h"
#include "spec.h"

static void read_address(struct reach_spec *reach, const char *address) {
  char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
  if (snprintf(text, sizeof text, "%s", address) >= (int)sizeof text)
    fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  char *zone = strchr(text, '%');
  if (zone) *zone++ = 0;
  reach->to = (union address){0};
  if (!zone && inet_pton(AF_INET, text, &reach->to.v4.sin_addr) == 1) reach->to.v4.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &reach->to.v6.sin6_addr) == 1) reach->to.v6.sin6_family = AF_INET6;
  else fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  if (zone && (!*zone || strlen(zone) >= sizeof reach->zone)) fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  if (zone) memcpy(reach->zone, zone, strlen(zone) + 1);
}

void reach_spec_read(struct reach_spec *reach) {
  struct spec spec;
  spec_read(&spec);
  for (const char *word; (word = spec_next(&spec));) {
    const char *value = spec_argument(&spec, word);
    if (!strcmp(word, "from")) {
      reach->pid = (pid_t)spec_number(value, word, 1, INT_MAX);
      reach->start_time = (unsigned long long)spec_number(spec_argument(&spec, word), word, 1, 1ULL << 53);
    } else if (!strcmp(word, "to")) {
      read_address(reach, value);
    } else if (!strcmp(word, "protocol")) {
      reach->udp = !strcmp(value, "udp");
      if (!reach->udp && strcmp(value, "tcp")) fail_with(STEP_READ_SPEC, EINVAL, "understand the protocol", value);
    } else if (!strcmp(word, "port")) {
      reach->port = (int)spec_number(value, word, 1, 65535);
    } else if (!strcmp(word, "timeout")) {
      reach->timeout_ms = (int)spec_number(value, word, 0, INT_MAX);
    } else if (!strcmp(word, "flows")) {
      reach->flows = (int)spec_number(value, word, 1, FLOWS_MAX);
    } else if (!strcmp(word, "max-hops")) {
      reach->hops = (int)spec_number(value, word, 1, HOPS_MAX);
    } else {
      fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
    }
  }
  spec_free(&spec);
  if (!reach->pid) fail_with(STEP_READ_SPEC, EBADMSG, "find in the spec", "from");
  if (!reach->to.any.sa_family) fail_with(STEP_READ_SPEC, EBADMSG, "find in the spec", "to");
}

void reach_join(struct reach_spec *reach) {
  char process[32];
  snprintf(process, sizeof process, "process %d", (int)reach->pid);
  namespaces_join(reach->pid, reach->start_time, CLONE_NEWNET, process);
  if (*reach->zone && !(reach->to.v6.sin6_scope_id = if_nametoindex(reach->zone)))
    fail(STEP_FIND_INTERFACE, "find interface", reach->zone);
}

int reach_socket(const struct reach_spec *reach, int type) {
  int on = 1, six = reach->to.any.sa_family == AF_INET6;
  int fd = socket(reach->to.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on))
    fail(STEP_OPEN_SOCKET, "open", type == SOCK_STREAM ? "TCP socket" : "UDP socket");
  return fd;
}

int reach_connect(const struct reach_spec *reach, int fd) {
  union address to = reach->to;
  if (to.any.sa_family == AF_INET6) to.v6.sin6_port = htons((unsigned short)reach->port);
  else to.v4.sin_port = htons((unsigned short)reach->port);
  return connect(fd, &to.any, to.any.sa_family == AF_INET6 ? sizeof to.v6 : sizeof to.v4);
}

double reach_now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

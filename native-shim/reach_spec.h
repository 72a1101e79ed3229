// The spec of the verbs `connect` and `trace`: a node and an address that it sends to.
#pragma once
#include <net/if.h>
#include <sys/types.h>

#include "icmp.h"

enum { FLOWS_MAX = 64, HOPS_MAX = 255 };

struct reach_spec {
  pid_t pid;
  unsigned long long start_time;
  union address to;
  char zone[IF_NAMESIZE];  // interface of a link-local address
  int udp;                 // protocol: 1 for UDP, 0 for TCP
  int port, timeout_ms, flows, hops;
};

// Reads the spec from standard input. A setting that it does not contain keeps its value. Fails on a word or value that
// is wrong, and without a node or an address.
void reach_spec_read(struct reach_spec *reach);
// Joins the network namespace of the node, and finds there the interface of a link-local address.
void reach_join(struct reach_spec *reach);
// Opens a socket of the address's family, which does not wait and keeps errors in its queue (IP_RECVERR, ip(7)).
int reach_socket(const struct reach_spec *reach, int type);
// Connects a socket to the address. Returns 0, or -1 with errno.
int reach_connect(const struct reach_spec *reach, int fd);
// The time of CLOCK_MONOTONIC.
double reach_now_ms(void);

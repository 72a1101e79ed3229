// The spec of the verb `ping`: which nodes send how many requests to which addresses.
#pragma once
#include <net/if.h>
#include <sys/types.h>

#include "icmp.h"

// A node that sends or may answer, with a socket for each address family that it needs.
struct source {
  pid_t pid;
  unsigned long long start_time;
  int sockets[2];  // IPv4, IPv6; -1 for none
};

// A source and an address that it sends to. `sent` counts its requests, `done` those that are answered or lost.
struct pair {
  int source;
  union address to;
  char zone[IF_NAMESIZE];  // interface of a link-local address
  int sent, done, received;
  double next_at;  // when its next request is due, in ms of CLOCK_MONOTONIC
};

struct ping_spec {
  int count;  // requests of each pair
  int size;   // bytes of data of each, and whether nobody may fragment them; 0 for the usual number, without that
  double interval_ms, timeout_ms;
  struct source *sources;
  struct pair *pairs;
  struct source *witnesses;  // nodes that may answer
  int source_count, pair_count, witness_count;
};

// Reads the spec from standard input. A setting that it does not contain keeps its value. Fails on a word or value that is wrong.
void ping_spec_read(struct ping_spec *ping);
// Makes room for one more element in an array of the heap: doubles it when its length is a power of two.
void *ping_grow(void *array, int count, size_t size);

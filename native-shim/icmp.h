// Echo requests and what comes back, on raw sockets (RFC 792, RFC 4443). Knows no schedule and reports nothing.
#pragma once
#include <netinet/in.h>
#include <stddef.h>

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

// What every request carries, so that an answer is known to be to one of ours. `random` is the same for a whole run.
struct cookie {
  unsigned long long random;
  unsigned probe, pair, sequence;
};

// An answer: a reply, or an error that some router or host sent about a request.
struct answer {
  struct cookie cookie;
  const char *error;            // NULL: a reply
  char from[INET6_ADDRSTRLEN];  // who sent the error
  int ttl;
  double received_at_ms;  // CLOCK_REALTIME, by the kernel's own timestamp
};

// Opens a raw socket in the current network namespace that gets only what may be an answer. -1 with errno.
int icmp_open(int family);
// As sendto(2).
int icmp_send(int socket, const union address *to, const struct cookie *cookie);
// Reads one packet without waiting. 1: an answer, 0: something else, -1: there is nothing more.
int icmp_receive(int socket, int family, struct answer *answer);

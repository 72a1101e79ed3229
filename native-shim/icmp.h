// Echo requests and the answers to them, on raw sockets (RFC 792, RFC 4443). Decides nothing about time, and reports
// nothing.
#pragma once
#include <netinet/in.h>
#include <stddef.h>

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

// The payload of every request, by which an answer is recognised. `random` is the same number for a whole run.
struct cookie {
  unsigned long long random;
  unsigned probe, pair, sequence;
};

// An answer: a reply, or an error message about a request from a router or host; or a request, where it is answered.
struct answer {
  struct cookie cookie;
  int is_request;
  const char *error;            // the text of an error; NULL for a reply
  char from[INET6_ADDRSTRLEN];  // the address that sent the error
  int type, code;               // of the error (RFC 792, RFC 4443)
  int ttl;
  double received_at_ms;  // the kernel's timestamp, of CLOCK_REALTIME
};

// Opens a raw socket in the current network namespace, which gets packets that may be answers and no others. Returns a
// descriptor, or -1 with errno.
int icmp_open(int family);
// As icmp_open, but the socket gets the echo requests that this namespace answers, and no other packets.
int icmp_open_for_requests(int family);
// Lets nobody fragment what the socket sends, whatever path MTU the kernel has learned. Returns 0, or -1 with errno.
int icmp_dont_fragment(int socket, int family);

enum { ICMP_DATA = 56, ICMP_DATA_MAX = 65507 };  // bytes of data: as ping(8) sends, and as many as fit into an IPv4 packet

// Sends an echo request with `size` bytes of data, of which the cookie is the first part. Returns 0, or -1 with errno.
int icmp_send(int socket, const union address *to, const struct cookie *cookie, size_t size);
// Reads one packet without waiting. Returns 1 for an answer, 0 for another packet, -1 when there is none.
int icmp_receive(int socket, int family, struct answer *answer);
// What an ICMP or ICMPv6 error message says, in the words of ping(8).
const char *icmp_error_text(int six, int type, int code);

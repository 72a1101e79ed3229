// Errors that the network reports about what a socket has sent: its error queue (ip(7) and ipv6(7), IP_RECVERR).
#pragma once
#include <netinet/in.h>
#include <stddef.h>

struct network_error {
  int error;      // the errno that the kernel makes of it
  int from_icmp;  // whether it is an ICMP message; else it is an error of this machine
  int type, code;               // of ICMP or ICMPv6
  char from[INET6_ADDRSTRLEN];  // the sender of the ICMP message
  unsigned char payload[64];    // the beginning of the payload that was sent, as far as the sender quotes it
  size_t payload_length;
};

// Takes the first error out of the queue, without waiting. Returns whether there was one.
int error_queue_read(int fd, struct network_error *error);

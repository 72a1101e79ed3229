// The spec of the verb `probe-link`: which interfaces send how many frames, at which times, to which interfaces.
#pragma once
#include <net/if.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  PROBE_LEAST = 60,     // bytes of the shortest frame of Ethernet (IEEE 802.3), without its checksum
  PROBE_MOST = 65535,
  RECORDS_MAX = 160,    // arrivals in a line of the report
  BINS = 100,           // parts of the time of a flood
};

// A process whose network namespace has ends of paths, with the sockets there.
struct place {
  pid_t pid;
  unsigned long long start_time;
  int sender, receiver;   // -1: not opened
  int capture;            // bytes of a frame that the receiver needs
  double frames_a_second; // that may arrive
  uint8_t *ring;
  unsigned slot_size, slot_count, slot;
  unsigned overrun;       // frames for which the ring had no room
};

struct arrival {
  uint32_t sequence;
  int is_changed;
  int64_t delay_ns;
};

// From one interface to another. All times are ns.
struct path {
  int from, to;  // places
  char sends_at[IF_NAMESIZE], arrives_at[IF_NAMESIZE];
  int sends_at_index, arrives_at_index;
  int has_source, has_destination;
  uint8_t source[6], destination[6];
  int is_flood;
  int64_t interval, due;
  uint32_t count, next, dropped, refused;
  int length;
  int error;        // errno of a send, after which nothing more is sent; 0 for none
  uint8_t *frame;   // as it is sent, but for its number
  int64_t *sent;    // CLOCK_REALTIME of each frame; 0: refused
  int64_t began, ends;
  struct arrival arrivals[RECORDS_MAX];
  int arrival_count;
  struct {
    uint32_t frames;
    int64_t last;
  } bins[BINS];
};

struct probe_spec {
  struct place *places;
  struct path *paths;
  int place_count, path_count;
  int64_t wait;  // after the last frame was sent
};

// Reads the spec from standard input. Fails on a word or value that is wrong.
void probe_spec_read(struct probe_spec *spec);

// The requests of a mesh that are due or under way, and what has become of each pair.
#pragma once

enum { NO_PROBE = -1 };

// A pair with requests left. Those that are due form one linked list, and those that wait for an answer another, in the order of
// sending, so that the next to be lost is the first.
struct probe {
  int from, to;
  unsigned sequence;
  int is_waiting;
  double sent_at, sent_at_real;  // in ms of CLOCK_MONOTONIC and CLOCK_REALTIME
  int before, after;
};

struct probes {
  struct probe *all;
  int count, free;
  struct probe_list {
    int first, last, length;
  } due, waiting;
};

void probes_start(struct probes *probes);
// Adds a pair to those that are due, as the last. Returns its index.
int probes_add(struct probes *probes, int from, int to);
// Moves a probe to the end of the list of those that wait, or of those that are due.
void probes_wait(struct probes *probes, int index);
void probes_due(struct probes *probes, int index);
void probes_drop(struct probes *probes, int index);

// What has become of each pair of a mesh, and its reports.
#pragma once
#include "spec.h"

struct mesh_pair {
  unsigned least_us;  // the least round-trip time; UINT_MAX without one
  unsigned short sent, done, received;
  unsigned char is_stranger;  // whether its nodes were introduced
  unsigned char is_reported;
};

// Makes the table of all pairs.
void results_start(const struct mesh_spec *mesh);
struct mesh_pair *results_of(int from, int to);
void results_free(void);
// Reports one pair, with `sent` requests.
void results_report(int from, int to, int sent);
// Reports the pairs from a node to the nodes from `first` up to `end` that are done, without a loss and not reported, in one line.
void results_report_row(int from, int first, int end);

// Counts times on a logarithmic scale: 64 steps an octave, so that a percentile is within 1 %.
#pragma once
#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_OCTAVES = 43 };

// All zero is an empty histogram.
struct histogram {
  uint64_t count;
  int64_t max;  // in ns
  uint64_t buckets[HISTOGRAM_STEPS * HISTOGRAM_OCTAVES];
};

// Counts a time of `ns`; a negative one counts as 0.
void histogram_add(struct histogram *histogram, int64_t ns);
// The time in ns that the fraction `of` (0 to 1) of all times does not exceed; 0 when there are none.
int64_t histogram_percentile(const struct histogram *histogram, double of);

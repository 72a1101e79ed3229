#include "histogram.h"

// Times below 64 ns have a bucket each. Above, the highest bit chooses the octave, and the six below it the step.
static unsigned bucket_of(uint64_t ns) {
  if (ns < HISTOGRAM_STEPS) return (unsigned)ns;
  unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - 6;
  unsigned bucket = (shift + 1) * HISTOGRAM_STEPS + (unsigned)(ns >> shift) - HISTOGRAM_STEPS;
  unsigned last = HISTOGRAM_STEPS * HISTOGRAM_OCTAVES - 1;
  return bucket < last ? bucket : last;
}

// The least time of a bucket.
static int64_t bucket_start(unsigned bucket) {
  if (bucket < HISTOGRAM_STEPS) return bucket;
  unsigned shift = bucket / HISTOGRAM_STEPS - 1;
  return (int64_t)(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS) << shift;
}

void histogram_add(struct histogram *histogram, int64_t ns) {
  if (ns < 0) ns = 0;
  histogram->count++;
  if (ns > histogram->max) histogram->max = ns;
  histogram->buckets[bucket_of((uint64_t)ns)]++;
}

int64_t histogram_percentile(const struct histogram *histogram, double of) {
  if (histogram->count == 0) return 0;
  double wanted = of * (double)histogram->count, seen = 0;
  for (unsigned i = 0; i < HISTOGRAM_STEPS * HISTOGRAM_OCTAVES; i++) {
    double here = (double)histogram->buckets[i];
    if (here == 0 || seen + here < wanted) {
      seen += here;
      continue;
    }
    double start = (double)bucket_start(i), width = (double)bucket_start(i + 1) - start;
    int64_t ns = (int64_t)(start + width * (wanted - seen) / here);
    return ns < histogram->max ? ns : histogram->max;
  }
  return histogram->max;
}

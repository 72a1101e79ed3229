// What a direction counts.
#pragma once
#include "histogram.h"

struct direction_statistics {
  uint64_t packets, bytes;  // that have left
  struct {
    uint64_t loss;
    uint64_t queue;   // the queue was full
    uint64_t aqm;     // codel, fq_codel or red dropped early
    uint64_t memory;  // the pool was full, or the direction held its share of it
  } drops;
  uint64_t duplicated, corrupted;
  uint64_t reordered;         // frames that `reorder` sent at once
  uint64_t marked;            // with congestion experienced (RFC 3168)
  uint64_t queued;            // frames that are on their way now
  struct histogram delay;     // from a frame's arrival to the call of direction_run that handed it on
  struct histogram lateness;  // of that call, from when the frame was due
};

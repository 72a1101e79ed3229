// Random numbers by their place: the number n of a stream is computed from n and the stream's key alone. So a frame's loss does
// not depend on how many numbers its delay has used.
#pragma once
#include <stdint.h>

enum purpose {
  PURPOSE_LOSS,
  PURPOSE_LOSS_STATE,
  PURPOSE_DUPLICATE,
  PURPOSE_CORRUPT,
  PURPOSE_CORRUPT_BIT,
  PURPOSE_JITTER,
  PURPOSE_REORDER,
  PURPOSE_QUEUE,
  // Those of a duplicate, which has the number of its frame.
  PURPOSE_COPY_CORRUPT,
  PURPOSE_COPY_CORRUPT_BIT,
  PURPOSE_COPY_JITTER,
  PURPOSE_COPY_REORDER,
  PURPOSES,  // how many there are
};

// The key of a stream: of the frames that come in at an end (0 or 1) from a MAC address (0: those of the default class).
uint64_t random_key(uint64_t seed, unsigned side, uint64_t mac, enum purpose purpose);
// Number n of a stream, of 64 random bits.
uint64_t random_bits(uint64_t key, uint64_t n);
// Number n of a stream, between 0 and 1, which are excluded.
double random_unit(uint64_t key, uint64_t n);

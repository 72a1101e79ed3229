// The configuration that a wire leaves for the process after it, in two memory files that the keeper holds (memfd_create(2)).
// They are written in turns, so one is whole whenever the process is killed.
#pragma once
#include <stdint.h>

#include "text.h"

struct saved {
  const int *files;     // two descriptors
  uint64_t generation;  // of the newer one; 0 when none is valid
};

// Reads the newer valid file into `words`. Without one, leaves that empty.
void saved_read(struct saved *saved, struct text *words);
// Writes to the older file. Without memory for it, that file becomes invalid.
void saved_write(struct saved *saved, const struct text *words);

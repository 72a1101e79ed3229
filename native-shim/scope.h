// Clean-up at the end of a scope, so that every return closes or frees what the scope has opened.
#pragma once
#include <stdlib.h>
#include <unistd.h>

static inline void close_scoped(int *fd) {
  if (*fd >= 0) close(*fd);
}
static inline void free_scoped(void *pointer) { free(*(void **)pointer); }

// A descriptor, closed at the end of its scope unless it is negative.
#define SCOPED_FD __attribute__((cleanup(close_scoped))) int
// A pointer, freed at the end of its scope.
#define SCOPED_FREE __attribute__((cleanup(free_scoped)))

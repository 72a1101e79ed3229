// Clean-up bound to scope, so that every early return closes what it opened.
#pragma once
#include <stdlib.h>
#include <unistd.h>

static inline void close_scoped(int *fd) {
  if (*fd >= 0) close(*fd);
}
static inline void free_scoped(void *pointer) { free(*(void **)pointer); }

#define SCOPED_FD __attribute__((cleanup(close_scoped))) int
#define SCOPED_FREE __attribute__((cleanup(free_scoped)))

// Attempts of a hostile process. Each returns 0 when it got what it wanted, having said what in `found`, or -1 with errno.
#pragma once
#include <stddef.h>

// What came of the attempt, in words; empty for nothing but success.
extern char found[256];

struct attempt {
  const char *name;
  int (*act)(char **words);
};

extern const struct attempt file_attempts[], process_attempts[], kernel_attempts[], wire_attempts[];

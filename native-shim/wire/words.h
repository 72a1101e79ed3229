// The words of a request: each ends with a NUL byte, as does the last one before `end`.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct words {
  const char *at, *end;
};

enum { WORDS_ERROR = 256 };

// The next word, or NULL at the end.
const char *words_next(struct words *words);
// The next word, which stays the next one.
const char *words_peek(const struct words *words);
// Reads an integer from `least` to `most`, an argument of the word `of`. Returns 0; or -1 with a text for people in `error`.
int words_integer(struct words *words, const char *of, int64_t least, int64_t most, int64_t *number, char error[WORDS_ERROR]);
// Reads a fraction from 0 to 1, such as `0.01` or `1e-05`, in the same way.
int words_fraction(struct words *words, const char *of, double *number, char error[WORDS_ERROR]);

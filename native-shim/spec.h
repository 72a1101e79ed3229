// What to do, as words on standard input, each ended by a NUL byte.
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct spec {
  char *text;
  size_t length;
  size_t at;
};

// Reads all of standard input. Fails on a last word without its NUL.
void spec_read(struct spec *spec);
// Gives the memory back.
void spec_free(struct spec *spec);
// The next word, or NULL at the end.
const char *spec_next(struct spec *spec);
// The next word, which must be there.
const char *spec_argument(struct spec *spec, const char *of);
// A number among `least` and `most`, written in digits with or without a fraction; fails when it is none.
double spec_number(const char *text, const char *of, double least, double most);

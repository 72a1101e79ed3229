// The spec: what a verb is to do, as words on standard input. Each word ends with a NUL byte.
#pragma once
#include <stddef.h>

struct spec {
  char *text;
  size_t length;
  size_t at;  // where the next word begins
};

// Reads standard input to its end. Fails when the last word has no NUL byte.
void spec_read(struct spec *spec);
// Unmaps the text, and with it all words.
void spec_free(struct spec *spec);
// The next word, or NULL at the end. It points into the text, as all words do.
const char *spec_next(struct spec *spec);
// The next word, which is an argument of the word `of`. Fails at the end.
const char *spec_argument(struct spec *spec, const char *of);
// Reads the text of a number, such as `20` or `0.5`, an argument of the word `of`. Fails when it is no number, or not
// from `least` to `most`.
double spec_number(const char *text, const char *of, double least, double most);

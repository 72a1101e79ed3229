// A text that grows, for answers.
#pragma once
#include <stddef.h>

// All zero is an empty text.
struct text {
  char *bytes;
  size_t length, room;
};

// Appends what `format` makes, at most 8 KB. Without memory, it appends nothing.
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Appends bytes. Returns 0, or -1 without memory.
int text_append(struct text *text, const char *bytes, size_t length);
// Makes it empty, without memory.
void text_free(struct text *text);

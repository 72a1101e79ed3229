#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096, ADDED_MOST = 8192 };

int text_append(struct text *text, const char *bytes, size_t length) {
  size_t room = text->room ? text->room : FIRST_ROOM;
  while (room - text->length < length) room *= 2;
  char *grown = room == text->room ? text->bytes : realloc(text->bytes, room);
  if (!grown) return -1;
  text->bytes = grown, text->room = room;
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
  return 0;
}

void text_add(struct text *text, const char *format, ...) {
  char added[ADDED_MOST];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(added, sizeof added, format, arguments);
  va_end(arguments);
  if (length > 0 && (size_t)length < sizeof added) text_append(text, added, (size_t)length);
}

void text_free(struct text *text) {
  free(text->bytes);
  *text = (struct text){.bytes = NULL};
}

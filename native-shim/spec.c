#define _GNU_SOURCE
#include "spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report.h"

// In bytes. The mapping begins with the first and doubles up to the second.
enum { FIRST_ROOM = 1 << 16, MOST_ROOM = 1 << 29 };

void spec_read(struct spec *spec) {
  size_t room = FIRST_ROOM;
  // A mapping and not the heap: the first process of a node inherits it, and unmaps it so as to keep no page of it.
  char *text = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (text == MAP_FAILED) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "spec");
  size_t length = 0;
  for (;;) {
    if (length == room) {
      if (room >= MOST_ROOM) fail_with(STEP_READ_SPEC, EFBIG, "read", "spec");
      text = mremap(text, room, room * 2, MREMAP_MAYMOVE);
      if (text == MAP_FAILED) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "spec");
      room *= 2;
    }
    ssize_t got = read(STDIN_FILENO, text + length, room - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(STEP_READ_SPEC, "read", "spec");
    if (got == 0) break;
    length += (size_t)got;
  }
  if (length > 0 && text[length - 1] != 0)
    fail_with(STEP_READ_SPEC, EBADMSG, "read", "spec: its last word is cut off");
  *spec = (struct spec){.text = text, .length = length};
}

void spec_free(struct spec *spec) {
  size_t room = FIRST_ROOM;
  while (room < spec->length) room *= 2;
  munmap(spec->text, room);
  spec->text = NULL;
}

const char *spec_next(struct spec *spec) {
  if (spec->at >= spec->length) return NULL;
  const char *word = spec->text + spec->at;
  spec->at += strlen(word) + 1;
  return word;
}

const char *spec_argument(struct spec *spec, const char *of) {
  const char *word = spec_next(spec);
  if (!word) fail_with(STEP_READ_SPEC, EBADMSG, "read the argument of", of);
  return word;
}

double spec_number(const char *text, const char *of, double least, double most) {
  char *end;
  double number = strtod(text, &end);
  if (!*text || strspn(text, "0123456789.") != strlen(text) || *end || number < least || number > most)
    fail_with(STEP_READ_SPEC, EINVAL, "read the number of", of);
  return number;
}

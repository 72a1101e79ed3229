#define _GNU_SOURCE
#include "saved.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct header {
  uint64_t generation, length, sum;
};

// FNV-1a (RFC 9923).
static uint64_t sum_of(const char *bytes, size_t length) {
  uint64_t sum = 0xcbf29ce484222325;
  for (size_t i = 0; i < length; i++) sum = (sum ^ (uint8_t)bytes[i]) * 0x100000001b3;
  return sum;
}

static int read_whole(int file, char *bytes, size_t length, off_t at) {
  while (length > 0) {
    ssize_t got = pread(file, bytes, length, at);
    if (got <= 0) return -1;
    bytes += got, length -= (size_t)got, at += got;
  }
  return 0;
}

static int write_whole(int file, const char *bytes, size_t length, off_t at) {
  while (length > 0) {
    ssize_t written = pwrite(file, bytes, length, at);
    if (written <= 0) return -1;
    bytes += written, length -= (size_t)written, at += written;
  }
  return 0;
}

// Reads a file that is newer than `than`. Returns its generation, or 0.
static uint64_t read_newer(int file, uint64_t than, struct text *words) {
  struct header header;
  if (read_whole(file, (char *)&header, sizeof header, 0) || header.generation <= than) return 0;
  off_t size = lseek(file, 0, SEEK_END);
  if (size < 0 || header.length > (uint64_t)size - sizeof header) return 0;
  char *bytes = malloc(header.length + 1);
  if (!bytes || read_whole(file, bytes, header.length, sizeof header) ||
      sum_of(bytes, header.length) != header.sum) {
    free(bytes);
    return 0;
  }
  text_free(words);
  *words = (struct text){bytes, header.length, header.length + 1};
  return header.generation;
}

void saved_read(struct saved *saved, struct text *words) {
  for (int i = 0; i < 2; i++) {
    uint64_t generation = read_newer(saved->files[i], saved->generation, words);
    if (generation) saved->generation = generation;
  }
}

void saved_write(struct saved *saved, const struct text *words) {
  struct header header = {++saved->generation, words->length, sum_of(words->bytes, words->length)};
  int file = saved->files[saved->generation % 2];
  // The header last: until then, its sum is that of the old text.
  if (write_whole(file, words->bytes, words->length, sizeof header)) return;
  if (write_whole(file, (const char *)&header, sizeof header, 0)) return;
}

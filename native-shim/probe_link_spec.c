#define _GNU_SOURCE
#include "probe_link_spec.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ping_spec.h"
#include "report.h"
#include "spec.h"

enum { SECOND = 1000000000 };

static const double LONGEST = 3600.0 * SECOND;  // a path sends for at most an hour

// The place of a process. It is added when it is not there.
static int place_of(struct probe_spec *probe, const char *of, const char *pid, const char *start_time) {
  pid_t process = (pid_t)spec_number(pid, of, 1, INT_MAX);
  for (int i = 0; i < probe->place_count; i++)
    if (probe->places[i].pid == process) return i;
  probe->places = ping_grow(probe->places, probe->place_count, sizeof *probe->places);
  probe->places[probe->place_count] = (struct place){
      .pid = process,
      .start_time = (unsigned long long)spec_number(start_time, of, 1, 1ULL << 53),
      .sender = -1,
      .receiver = -1,
  };
  return probe->place_count++;
}

static void read_name(char *name, const char *word) {
  if (!*word || strlen(word) >= IF_NAMESIZE) fail_with(STEP_READ_SPEC, EINVAL, "read interface", word);
  memcpy(name, word, strlen(word) + 1);
}

static void read_mac(uint8_t *mac, const char *word) {
  int end = 0;
  if (sscanf(word, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5], &end) != 6 ||
      word[end])
    fail_with(STEP_READ_SPEC, EINVAL, "read MAC address", word);
}

static int read_length(const char *word, const char *of) { return (int)spec_number(word, of, PROBE_LEAST, PROBE_MOST); }

// Sets how many frames there are, and the time between two.
static void set_frames(struct path *path, double count, double interval, int length) {
  if (path->count) fail_with(STEP_READ_SPEC, EINVAL, "read the frames of a path", "for the second time");
  if (count < 1 || count * interval > LONGEST || count >= INT_MAX)
    fail_with(STEP_READ_SPEC, ERANGE, "read the number of", "frames");
  path->count = (uint32_t)count, path->interval = (int64_t)interval, path->length = length;
}

// The path that the word `word` is about.
static struct path *last_path(struct probe_spec *probe, const char *word) {
  if (probe->path_count == 0) fail_with(STEP_READ_SPEC, EBADMSG, "read a word before the first path", word);
  return &probe->paths[probe->path_count - 1];
}

static void add_path(struct probe_spec *probe, struct spec *spec, const char *word) {
  struct path path = {0};
  const char *pid = spec_argument(spec, word), *start_time = spec_argument(spec, word);
  path.from = place_of(probe, word, pid, start_time);
  read_name(path.sends_at, spec_argument(spec, word));
  pid = spec_argument(spec, word), start_time = spec_argument(spec, word);
  path.to = place_of(probe, word, pid, start_time);
  read_name(path.arrives_at, spec_argument(spec, word));
  probe->paths = ping_grow(probe->paths, probe->path_count, sizeof *probe->paths);
  probe->paths[probe->path_count++] = path;
}

void probe_spec_read(struct probe_spec *probe) {
  struct spec spec;
  spec_read(&spec);
  for (const char *word; (word = spec_next(&spec));) {
    if (!strcmp(word, "path")) {
      add_path(probe, &spec, word);
      continue;
    }
    const char *value = spec_argument(&spec, word);
    if (!strcmp(word, "wait")) {
      probe->wait = (int64_t)spec_number(value, word, 0, LONGEST);
      continue;
    }
    struct path *path = last_path(probe, word);
    if (!strcmp(word, "source")) read_mac(path->source, value), path->has_source = 1;
    else if (!strcmp(word, "destination")) read_mac(path->destination, value), path->has_destination = 1;
    else if (!strcmp(word, "probes")) {
      double count = spec_number(value, word, 1, INT_MAX);
      double interval = spec_number(spec_argument(&spec, word), word, 1000, LONGEST);
      set_frames(path, count, interval, read_length(spec_argument(&spec, word), word));
    } else if (!strcmp(word, "flood")) {
      double rate = spec_number(value, word, 1, 1e12), time = spec_number(spec_argument(&spec, word), word, 1, LONGEST);
      int length = read_length(spec_argument(&spec, word), word);
      double interval = (double)length * 8 * SECOND / rate;
      if (interval < 1) interval = 1;
      set_frames(path, time / interval, interval, length);
      path->is_flood = 1;
    } else fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
  }
  for (int i = 0; i < probe->path_count; i++)
    if (!probe->paths[i].count) fail_with(STEP_READ_SPEC, EBADMSG, "read the frames of a path", probe->paths[i].sends_at);
  spec_free(&spec);
}

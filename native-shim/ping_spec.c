#define _GNU_SOURCE
#include "ping_spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "spec.h"

void *ping_grow(void *array, int count, size_t size) {
  if (count & (count - 1)) return array;
  array = realloc(array, size * (size_t)(count ? count * 2 : 1));
  if (!array) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "ping");
  return array;
}

// Adds a node to a list: the process `pid`, an argument of the word `of`.
static void add_node(struct source **list, int *count, const char *of, const char *pid, const char *start_time) {
  *list = ping_grow(*list, *count, sizeof **list);
  (*list)[(*count)++] = (struct source){
      .pid = (pid_t)spec_number(pid, of, 1, INT_MAX),
      .start_time = (unsigned long long)spec_number(start_time, of, 1, 1ULL << 53),
      .sockets = {-1, -1},
  };
}

static void add_pair(struct ping_spec *ping, const char *address) {
  if (ping->source_count == 0) fail_with(STEP_READ_SPEC, EBADMSG, "read a target without a source", address);
  struct pair pair = {.source = ping->source_count - 1};
  char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
  if (snprintf(text, sizeof text, "%s", address) >= (int)sizeof text)
    fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  char *zone = strchr(text, '%');
  if (zone) *zone++ = 0;
  if (inet_pton(AF_INET, text, &pair.to.v4.sin_addr) == 1 && !zone) pair.to.v4.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &pair.to.v6.sin6_addr) == 1) pair.to.v6.sin6_family = AF_INET6;
  else fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  if (zone && (!*zone || strlen(zone) >= sizeof pair.zone)) fail_with(STEP_READ_SPEC, EINVAL, "read address", address);
  if (zone) memcpy(pair.zone, zone, strlen(zone) + 1);
  ping->pairs = ping_grow(ping->pairs, ping->pair_count, sizeof *ping->pairs);
  ping->pairs[ping->pair_count++] = pair;
}

void ping_spec_read(struct ping_spec *ping) {
  struct spec spec;
  spec_read(&spec);
  for (const char *word; (word = spec_next(&spec));) {
    const char *value = spec_argument(&spec, word);
    if (!strcmp(word, "count")) ping->count = (int)spec_number(value, word, 1, INT_MAX);
    else if (!strcmp(word, "size"))
      ping->size = (int)spec_number(value, word, (long long)sizeof(struct cookie), ICMP_DATA_MAX);
    else if (!strcmp(word, "interval")) ping->interval_ms = spec_number(value, word, 0, INT_MAX);
    else if (!strcmp(word, "timeout")) ping->timeout_ms = spec_number(value, word, 0, INT_MAX);
    else if (!strcmp(word, "from")) add_node(&ping->sources, &ping->source_count, word, value, spec_argument(&spec, word));
    else if (!strcmp(word, "to")) add_pair(ping, value);
    else if (!strcmp(word, "witness"))
      add_node(&ping->witnesses, &ping->witness_count, word, value, spec_argument(&spec, word));
    else fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
  }
  spec_free(&spec);
}

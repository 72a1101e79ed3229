#define _GNU_SOURCE
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "class_config.h"

// Says in front of the text in `error` where that is.
static void say_where(char error[WORDS_ERROR], const char *kind, const char *name) {
  char text[WORDS_ERROR];
  memcpy(text, error, sizeof text);
  int length = snprintf(error, WORDS_ERROR, "%s %.20s: ", kind, name);
  snprintf(error + length, WORDS_ERROR - (size_t)length, "%s", text);
}

static int fail(char error[WORDS_ERROR], const char *text) {
  snprintf(error, WORDS_ERROR, "%s", text);
  return -1;
}

// Reads `aa:bb:cc:dd:ee:ff`. Returns 0 for what is none, and for 00:00:00:00:00:00.
static uint64_t read_mac(const char *text) {
  uint64_t mac = 0;
  for (int i = 0; i < 17; i++) {
    char one[2] = {text[i], 0};
    if (i % 3 == 2 ? text[i] != ':' : !text[i] || !strpbrk(one, "0123456789abcdefABCDEF")) return 0;
    if (i % 3 != 2) mac = mac << 4 | strtoul(one, NULL, 16);
  }
  return text[17] ? 0 : mac;
}

// Adds a class of frames that are carried as they are. NULL: no memory.
static struct class_config *add_class(struct direction_config *direction, uint64_t mac) {
  struct class_config *classes = realloc(direction->classes, (direction->class_count + 1) * sizeof *classes);
  if (!classes) return NULL;
  direction->classes = classes;
  struct class_config *config = &classes[direction->class_count++];
  *config = (struct class_config){.mac = mac, .gap = 1};
  // Where the words name no seed. A number that is not drawn is no worse than another one.
  if (getrandom(&config->seed, sizeof config->seed, GRND_NONBLOCK) < 0) config->seed = (uintptr_t)classes;
  return config;
}

static int read_class(struct words *words, struct direction_config *direction, char error[WORDS_ERROR]) {
  const char *name = words_next(words);
  if (!name) return fail(error, "class needs `default` or a MAC address");
  int is_default = !strcmp(name, "default");
  uint64_t mac = is_default ? 0 : read_mac(name);
  if (!is_default && mac == 0) {
    snprintf(error, WORDS_ERROR, "class needs `default` or a MAC address such as 02:00:00:00:00:01, not \"%.40s\"", name);
    return -1;
  }
  struct class_config *config = is_default ? direction->classes : add_class(direction, mac);
  if (!config) return fail(error, "no memory");
  const char *next = words_peek(words);
  if (next && !strcmp(next, "shared")) {
    words_next(words);
    config->shared = 1;
  }
  if (is_default && config->shared) return fail(error, "class default cannot be shared with itself");
  if (class_config_read(words, config, error) == 0) return 0;
  say_where(error, "class", name);
  return -1;
}

static int by_mac(const void *one, const void *other) {
  uint64_t a = ((const struct class_config *)one)->mac, b = ((const struct class_config *)other)->mac;
  return a < b ? -1 : a > b;
}

static int read_direction(struct words *words, struct direction_config *direction, char error[WORDS_ERROR]) {
  int has_default = 0;
  for (const char *word; (word = words_peek(words)) && !strcmp(word, "class");) {
    words_next(words);
    const char *name = words_peek(words);
    if (name && !strcmp(name, "default") && has_default++) return fail(error, "class default comes twice");
    if (read_class(words, direction, error)) return -1;
  }
  qsort(direction->classes, direction->class_count, sizeof *direction->classes, by_mac);
  for (size_t i = 1; i < direction->class_count; i++)
    if (direction->classes[i].mac == direction->classes[i - 1].mac) return fail(error, "a class comes twice");
  return 0;
}

static struct direction_config *new_direction(unsigned side) {
  struct direction_config *direction = calloc(1, sizeof *direction);
  if (!direction) return NULL;
  direction->side = side;
  if (add_class(direction, 0)) return direction;
  free(direction);
  return NULL;
}

static int read_directions(struct words *words, struct link_config *link, char error[WORDS_ERROR]) {
  int seen[2] = {0, 0};
  for (const char *word; (word = words_peek(words)) && !strcmp(word, "direction");) {
    words_next(words);
    const char *name = words_next(words);
    if (!name || (strcmp(name, "a") && strcmp(name, "b"))) return fail(error, "direction needs `a` or `b`");
    int side = !strcmp(name, "b");
    if (seen[side]++ == 0 && read_direction(words, link->directions[side], error) == 0) continue;
    if (seen[side] > 1) fail(error, "comes twice");
    say_where(error, "direction", name);
    return -1;
  }
  return 0;
}

int link_config_read(struct words *words, struct link_config *link, char error[WORDS_ERROR]) {
  int64_t numbers[3] = {0};
  *link = (struct link_config){0};
  if (words_integer(words, "link", 0, UINT32_MAX, &numbers[0], error) ||
      words_integer(words, "the first end of link", 1, INT_MAX, &numbers[1], error) ||
      words_integer(words, "the second end of link", 1, INT_MAX, &numbers[2], error))
    return -1;
  link->number = (uint32_t)numbers[0];
  for (unsigned side = 0; side < 2; side++) {
    link->indexes[side] = (int)numbers[1 + side];
    link->directions[side] = new_direction(side);
  }
  if (!link->directions[0] || !link->directions[1]) fail(error, "no memory");
  else if (read_directions(words, link, error) == 0) return 0;
  char name[16];
  snprintf(name, sizeof name, "%u", link->number);
  say_where(error, "link", name);
  link_config_free(link);
  return -1;
}

void link_config_free(struct link_config *link) {
  for (int side = 0; side < 2; side++) direction_config_free(link->directions[side]);
  *link = (struct link_config){0};
}

void direction_config_free(struct direction_config *config) {
  if (!config) return;
  for (size_t i = 0; i < config->class_count; i++) class_config_free(&config->classes[i]);
  free(config->classes);
  free(config);
}

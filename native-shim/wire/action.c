#define _GNU_SOURCE
#include "action.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "wire.h"

static int refuse_interface(const struct action *action, int index, const char *why, char error[WORDS_ERROR]) {
  snprintf(error, WORDS_ERROR, "link %u: interface %d %s", action->number, index, why);
  return -1;
}

// Whether an earlier action of the request gives this interface to another link.
static int is_given(const struct actions *actions, size_t before, int index) {
  for (size_t i = 0; i < before; i++) {
    const struct action *each = &actions->list[i];
    if (each->kind != ACTION_LINK || each->number == actions->list[before].number) continue;
    if (each->config.indexes[0] == index || each->config.indexes[1] == index) return 1;
  }
  return 0;
}

static int check_link(const struct wire *wire, const struct actions *actions, size_t place, char error[WORDS_ERROR]) {
  const struct action *action = &actions->list[place];
  const int *indexes = action->config.indexes;
  if (indexes[0] == indexes[1]) return refuse_interface(action, indexes[0], "cannot be both of its ends", error);
  for (int side = 0; side < 2; side++) {
    unsigned flags;
    const struct end *end = links_end(&wire->links, indexes[side]);
    if ((end && end->link->number != action->number) || is_given(actions, place, indexes[side]))
      return refuse_interface(action, indexes[side], "is an end of another link", error);
    int missing = interfaces_flags(&wire->interfaces, indexes[side], &flags);
    if (missing && !wire->is_restoring) return refuse_interface(action, indexes[side], strerror(missing), error);
  }
  return 0;
}

// Whether there is a link of this number once the actions before this one are done.
static int is_known(const struct wire *wire, const struct actions *actions, size_t before) {
  uint32_t number = actions->list[before].number;
  for (size_t i = before; i-- > 0;) {
    if (actions->list[i].number != number) continue;
    if (actions->list[i].kind == ACTION_LINK) return 1;
    if (actions->list[i].kind == ACTION_REMOVE) return 0;
  }
  return links_find(&wire->links, number) != NULL;
}

int actions_check(const struct wire *wire, const struct actions *actions, char error[WORDS_ERROR]) {
  for (size_t i = 0; i < actions->count; i++) {
    enum action_kind kind = actions->list[i].kind;
    if (kind == ACTION_LINK && check_link(wire, actions, i, error)) return -1;
    if (kind != ACTION_REMOVE && kind != ACTION_DOWN && kind != ACTION_UP) continue;
    if (is_known(wire, actions, i)) continue;
    snprintf(error, WORDS_ERROR, "there is no link %u", actions->list[i].number);
    return -1;
  }
  return 0;
}

static int is_plain(const struct direction_config *config) {
  const struct class_config *class = config->classes;
  return config->class_count == 1 && !class->delay && !class->jitter.amount && class->loss.model == LOSS_NONE &&
         class->duplicate.probability <= 0 && class->corrupt.probability <= 0 && class->reorder.probability <= 0 &&
         !class->rate && !class->trace_length;
}

// Gives a direction its configuration, which it then owns. Returns 0, or -1 without memory.
static int configure(struct wire *wire, struct end *end, struct direction_config **config) {
  int plain = is_plain(*config);
  if (!end->direction) end->direction = direction_new(wire->pool, *config);
  else if (direction_reconfigure(end->direction, *config)) return -1;
  if (!end->direction) return -1;
  *config = NULL;
  end->is_plain = plain;
  schedule_update(&wire->schedule, end);
  return 0;
}

static void remove_link(struct wire *wire, struct link *link) {
  for (int side = 0; side < 2; side++) schedule_remove(&wire->schedule, &link->ends[side]);
  links_remove(&wire->links, link);
}

static int set_link(struct wire *wire, struct action *action) {
  struct link_config *config = &action->config;
  char *words = malloc(action->length);
  struct link *link = links_find(&wire->links, config->number);
  int is_cut = link && link->carrier == CARRIER_CUT;
  if (link && (link->ends[0].index != config->indexes[0] || link->ends[1].index != config->indexes[1]))
    remove_link(wire, link), link = NULL;
  int is_new = !link;
  if (is_new) link = links_add(&wire->links, config->number, config->indexes);
  if (!words || !link || schedule_reserve(&wire->schedule, 2 * wire->links.count) ||
      configure(wire, &link->ends[0], &config->directions[0]) ||
      configure(wire, &link->ends[1], &config->directions[1])) {
    free(words);
    if (is_new && link) remove_link(wire, link);
    return -1;
  }
  memcpy(words, action->words, action->length);
  free(link->words);
  link->words = words, link->length = action->length;
  // Also where the link has other interfaces now.
  if (is_cut) link->carrier = CARRIER_CUT;
  carrier_begin(&wire->interfaces, link);
  return 0;
}

static void pause_clock(struct wire *wire) {
  if (!wire->is_paused) wire->paused_at = wire_now();
  wire->is_paused = 1;
}

static void resume_clock(struct wire *wire) {
  if (!wire->is_paused) return;
  wire->is_paused = 0;
  wire->not_before = wire_now();
  for (size_t i = 0; i < wire->links.count; i++)
    for (int side = 0; side < 2; side++) {
      struct end *end = &wire->links.list[i]->ends[side];
      direction_shift(end->direction, wire->not_before - wire->paused_at);
      schedule_update(&wire->schedule, end);
    }
}

// Writes down what a new process of the wire needs to go on with.
static void save(struct wire *wire) {
  struct text words = {.bytes = NULL};
  for (size_t i = 0; i < wire->links.count; i++) {
    const struct link *link = wire->links.list[i];
    text_append(&words, link->words, link->length);
    if (link->carrier == CARRIER_CUT) text_add(&words, "down%c%u%c", 0, link->number, 0);
  }
  if (wire->is_paused) text_add(&words, "pause%c", 0);
  saved_write(&wire->saved, &words);
  text_free(&words);
}

int actions_run(struct wire *wire, const struct actions *actions, char error[WORDS_ERROR]) {
  int changes = 0;
  for (size_t i = 0; i < actions->count; i++) {
    struct action *action = &actions->list[i];
    struct link *link = links_find(&wire->links, action->number);
    changes += action->kind != ACTION_STATISTICS;
    switch (action->kind) {
      case ACTION_LINK:
        if (!set_link(wire, action)) break;
        snprintf(error, WORDS_ERROR, "link %u: %s", action->number, strerror(ENOMEM));
        return -1;
      case ACTION_REMOVE: remove_link(wire, link); break;
      case ACTION_DOWN: carrier_cut(&wire->interfaces, link); break;
      case ACTION_UP: carrier_mend(&wire->interfaces, link); break;
      case ACTION_PAUSE: pause_clock(wire); break;
      case ACTION_RESUME: resume_clock(wire); break;
      case ACTION_STATISTICS:
      default: break;
    }
  }
  if (changes) save(wire);
  return 0;
}

int actions_ask(const struct actions *actions) {
  for (size_t i = 0; i < actions->count; i++)
    if (actions->list[i].kind == ACTION_STATISTICS) return 1;
  return 0;
}

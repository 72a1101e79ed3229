#define _GNU_SOURCE
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../report.h"
#include "action.h"
#include "counts.h"
#include "wire.h"

static int refuse(char error[WORDS_ERROR], const char *what, const char *word) {
  snprintf(error, WORDS_ERROR, "%s '%.100s'", what, word);
  return -1;
}

static int kind_of(const char *word, enum action_kind *kind) {
  static const char *const names[] = {[ACTION_LINK] = "link",   [ACTION_REMOVE] = "remove", [ACTION_DOWN] = "down",
                                      [ACTION_UP] = "up",       [ACTION_PAUSE] = "pause",   [ACTION_RESUME] = "resume",
                                      [ACTION_STATISTICS] = "statistics"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(word, names[i])) return *kind = (enum action_kind)i, 0;
  return -1;
}

// Reads one action. Returns 1, 0 at the end, or -1 with a text in `error`.
static int read_action(struct words *words, struct action *action, char error[WORDS_ERROR]) {
  const char *begin = words->at, *word = words_next(words);
  int64_t number = 0;
  if (!word) return 0;
  *action = (struct action){.words = begin};
  if (kind_of(word, &action->kind)) return refuse(error, "unknown word", word);
  switch (action->kind) {
    case ACTION_LINK:
      if (link_config_read(words, &action->config, error)) return -1;
      number = action->config.number;
      break;
    case ACTION_REMOVE:
    case ACTION_DOWN:
    case ACTION_UP:
      if (words_integer(words, word, 0, UINT32_MAX, &number, error)) return -1;
      break;
    case ACTION_PAUSE:
    case ACTION_RESUME:
    case ACTION_STATISTICS:
    default: break;
  }
  action->number = (uint32_t)number;
  action->length = (size_t)(words->at - begin);
  return 1;
}

// Reads all actions. Returns 0, or -1 with a text in `error`. `list` is to be freed with its configurations either way.
static int read_actions(struct words words, struct actions *actions, char error[WORDS_ERROR]) {
  if (words.at < words.end && words.end[-1]) return refuse(error, "the last word has no end in", words.at);
  for (;;) {
    if (actions->count == actions->room) {
      size_t room = actions->room ? 2 * actions->room : 16;
      struct action *list = realloc(actions->list, room * sizeof *list);
      if (!list) return refuse(error, strerror(ENOMEM), "request");
      actions->list = list, actions->room = room;
    }
    int got = read_action(&words, &actions->list[actions->count], error);
    if (got <= 0) return got;
    actions->count++;
  }
}

void request_run(struct wire *wire, const char *words, size_t length, struct text *answer) {
  struct actions actions = {.list = NULL};
  char error[WORDS_ERROR] = "", quoted[2 * WORDS_ERROR];
  int is_refused = read_actions((struct words){words, words + length}, &actions, error) ||
                   actions_check(wire, &actions, error) || actions_run(wire, &actions, error);
  if (is_refused) text_add(answer, "{\"refused\":%s}\n", json_string(error, quoted, sizeof quoted));
  else if (actions_ask(&actions)) counts_print(wire, answer);
  else text_add(answer, "{\"ok\":true}\n");
  for (size_t i = 0; i < actions.count; i++)
    if (actions.list[i].kind == ACTION_LINK) link_config_free(&actions.list[i].config);
  free(actions.list);
}

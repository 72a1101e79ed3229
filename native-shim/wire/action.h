// The actions of a request: all of them are checked before the first one is done.
#pragma once
#include "config.h"

struct wire;

enum action_kind { ACTION_LINK, ACTION_REMOVE, ACTION_DOWN, ACTION_UP, ACTION_PAUSE, ACTION_RESUME, ACTION_STATISTICS };

struct action {
  enum action_kind kind;
  uint32_t number;            // of the link, if it is about one
  struct link_config config;  // of ACTION_LINK
  const char *words;          // that ask for it
  size_t length;
};

struct actions {
  struct action *list;
  size_t count, room;
};

// Returns 0, or -1 with a text for people in `error` when an action cannot be done.
int actions_check(const struct wire *wire, const struct actions *actions, char error[WORDS_ERROR]);
// Does the actions, in their order. Returns 0; or -1 with a text in `error` where memory ran out.
int actions_run(struct wire *wire, const struct actions *actions, char error[WORDS_ERROR]);
// Whether an action asks for the statistics.
int actions_ask(const struct actions *actions);

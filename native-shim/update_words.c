#define _GNU_SOURCE
#include "update_words.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contents.h"
#include "files.h"
#include "inside.h"
#include "report.h"

enum { ARGUMENTS_MAX = 4, TEXTS_MAX = 1 << 16 };

enum word { WORD_HOSTNAME, WORD_DOMAINNAME, WORD_WRITE, WORD_WRITE_TEXT, WORD_REMOVE, WORD_SYSCTL, WORD_TRY_SYSCTL, WORDS };

static const struct {
  const char *word;
  int argument_count;
  int has_path;  // whether the first argument is an absolute path in the node
} TYPES[WORDS] = {
    [WORD_HOSTNAME] = {"hostname", 1, 0},     [WORD_DOMAINNAME] = {"domainname", 1, 0},
    [WORD_WRITE] = {"write", 4, 1},           [WORD_WRITE_TEXT] = {"write-text", 4, 1},
    [WORD_REMOVE] = {"remove", 1, 1},         [WORD_SYSCTL] = {"sysctl", 2, 0},
    [WORD_TRY_SYSCTL] = {"try-sysctl", 2, 0},
};

static struct inside_text *texts;
static size_t text_count, text_room;

// Of the node whose words are run: the paths that the machine has, in the order of the words `remove`.
static unsigned char *covers;

static struct inside_text decode(const char *hex, const char *target) {
  size_t room = strlen(hex) / 2 + 1;
  struct inside_text text = {.bytes = malloc(room)};
  if (!text.bytes) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", target);
  text.length = contents_decode(hex, target, text.bytes, room);
  return text;
}

static void remember_text(const char *hex) {
  if (text_count == text_room) {
    text_room = text_room ? text_room * 2 : 16;
    texts = realloc(texts, text_room * sizeof *texts);
    if (!texts) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", "texts");
  }
  texts[text_count++] = decode(hex, "a text");
}

int update_words_next(struct spec *spec, struct update_node *node) {
  for (const char *word; (word = spec_next(spec));) {
    if (!strcmp(word, "text")) {
      remember_text(spec_argument(spec, word));
      continue;
    }
    if (strcmp(word, "node")) fail_with(STEP_READ_SPEC, EBADMSG, "read a node at the word", word);
    node->name = spec_argument(spec, word);
    node->pid = (pid_t)spec_number(spec_argument(spec, word), word, 1, INT_MAX);
    node->started = strtoull(spec_argument(spec, word), NULL, 10);
    return 1;
  }
  return 0;
}

// Reads one word and its arguments. Returns 0 at the end of the node.
static int read_word(struct spec *spec, enum word *type, const char *arguments[ARGUMENTS_MAX]) {
  const char *word = spec_argument(spec, "node");
  if (!strcmp(word, "end")) return 0;
  for (*type = 0; *type < WORDS && strcmp(word, TYPES[*type].word);) (*type)++;
  if (*type == WORDS) fail_with(STEP_READ_SPEC, EINVAL, "understand the word", word);
  for (int i = 0; i < TYPES[*type].argument_count; i++) arguments[i] = spec_argument(spec, word);
  if (TYPES[*type].has_path && *arguments[0] != '/')
    fail_with(STEP_READ_SPEC, EINVAL, "take as a path in the node", arguments[0]);
  return 1;
}

void update_words_skip(struct spec *spec) {
  enum word type;
  const char *arguments[ARGUMENTS_MAX];
  while (read_word(spec, &type, arguments)) {}
}

void update_words_look(const struct spec *spec) {
  struct spec copy = *spec;
  enum word type;
  const char *arguments[ARGUMENTS_MAX];
  size_t count = 0;
  while (read_word(&copy, &type, arguments)) {
    if (type != WORD_REMOVE) continue;
    covers = realloc(covers, count + 1);
    if (!covers) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", "paths");
    covers[count++] = !access(arguments[0], F_OK);
  }
}

static const struct inside_text *text_of(const char *number) {
  size_t index = (size_t)spec_number(number, "write-text", 0, TEXTS_MAX);
  if (index >= text_count) fail_with(STEP_READ_SPEC, EINVAL, "find the text", number);
  return &texts[index];
}

static void write_decoded(const char *const arguments[ARGUMENTS_MAX]) {
  struct inside_text text = decode(arguments[3], arguments[0]);
  inside_write(arguments[0], arguments[1], arguments[2], &text);
  free(text.bytes);
}

static void set_hostname(const char *name) {
  if (sethostname(name, strlen(name))) fail(STEP_SET_HOSTNAME, "set hostname", name);
}

static void set_domain_name(const char *name) {
  if (setdomainname(name, strlen(name))) fail(STEP_SET_DOMAIN_NAME, "set domain name", name);
}

void update_words_run(struct spec *spec) {
  enum word type;
  const char *arguments[ARGUMENTS_MAX];
  size_t removals = 0;
  while (read_word(spec, &type, arguments)) {
    switch (type) {
      case WORD_HOSTNAME: set_hostname(arguments[0]); break;
      case WORD_DOMAINNAME: set_domain_name(arguments[0]); break;
      case WORD_WRITE: write_decoded(arguments); break;
      case WORD_WRITE_TEXT: inside_write(arguments[0], arguments[1], arguments[2], text_of(arguments[3])); break;
      case WORD_REMOVE: inside_remove(arguments[0], covers[removals++]); break;
      case WORD_SYSCTL: files_sysctl(arguments[0], arguments[1]); break;
      case WORD_TRY_SYSCTL: files_try_sysctl(arguments[0], arguments[1]); break;
      case WORDS: break;
      default: break;
    }
  }
}

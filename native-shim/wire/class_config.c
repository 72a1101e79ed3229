#define _GNU_SOURCE
#include "class_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NS (INT64_C(86400) * 1000000000)          // a day: to the planets and back
#define MOST_BITS_PER_SECOND (INT64_C(10000000000000))  // 10 Tbit/s
enum {
  MOST_BYTES = 1 << 30,
  MOST_PACKETS = 1 << 30,
  MOST_OVERHEAD = 1 << 16,
  MOST_FLOWS = 1 << 16,  // as tc-fq_codel(8)
  MOST_TABLE = 16384,    // as netem
  MOST_MS = INT32_MAX,
};

static int fail(char error[WORDS_ERROR], const char *text) {
  snprintf(error, WORDS_ERROR, "%s", text);
  return -1;
}

static int read_chance(struct words *words, const char *of, struct chance *chance, char error[WORDS_ERROR]) {
  return words_fraction(words, of, &chance->probability, error) || words_fraction(words, of, &chance->correlation, error);
}

static int read_u32(struct words *words, const char *of, int64_t least, int64_t most, uint32_t *number,
                    char error[WORDS_ERROR]) {
  int64_t read = 0;
  if (words_integer(words, of, least, most, &read, error)) return -1;
  *number = (uint32_t)read;
  return 0;
}

static int read_u64(struct words *words, const char *of, int64_t least, int64_t most, uint64_t *number,
                    char error[WORDS_ERROR]) {
  int64_t read = 0;
  if (words_integer(words, of, least, most, &read, error)) return -1;
  *number = (uint64_t)read;
  return 0;
}

static int read_flag(struct words *words, const char *of, int *flag, char error[WORDS_ERROR]) {
  int64_t read = 0;
  if (words_integer(words, of, 0, 1, &read, error)) return -1;
  *flag = (int)read;
  return 0;
}

static int read_delay(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  return words_integer(words, "delay", 0, MOST_NS, &config->delay, error);
}

// A table: 16 bits a value, low byte first, in hexadecimal.
static int read_table(const char *hex, struct jitter_config *jitter, char error[WORDS_ERROR]) {
  size_t length = strlen(hex);
  if (length % 4 != 0 || length < 8 || length > 4 * MOST_TABLE || strspn(hex, "0123456789abcdefABCDEF") != length)
    return fail(error, "jitter needs `uniform` or a table of 2 to 16384 values of 4 hexadecimal digits");
  if (!(jitter->table = malloc(length / 2))) return fail(error, "no memory for the table of jitter");
  jitter->table_length = (unsigned)(length / 4);
  for (unsigned i = 0; i < jitter->table_length; i++) {
    char digits[5] = {hex[4 * i + 2], hex[4 * i + 3], hex[4 * i], hex[4 * i + 1], 0};
    jitter->table[i] = (int16_t)(uint16_t)strtoul(digits, NULL, 16);
  }
  return 0;
}

static int read_jitter(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  struct jitter_config *jitter = &config->jitter;
  if (words_integer(words, "jitter", 0, MOST_NS, &jitter->amount, error) ||
      words_fraction(words, "jitter", &jitter->correlation, error))
    return -1;
  const char *order = words_next(words), *table = words_next(words);
  if (!order || (strcmp(order, "keep") && strcmp(order, "reorder")))
    return fail(error, "jitter needs `keep` or `reorder` after its correlation");
  jitter->keep = !strcmp(order, "keep");
  if (!table) return fail(error, "jitter needs `uniform` or a table at its end");
  return strcmp(table, "uniform") ? read_table(table, jitter, error) : 0;
}

// That the probabilities of leaving a state are at most 1 together.
static int check_sum(double one, double other, const char *names, char error[WORDS_ERROR]) {
  if (one + other <= 1) return 0;
  snprintf(error, WORDS_ERROR, "loss state: %s are more than 1 together", names);
  return -1;
}

static int read_loss(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  struct loss_config *loss = &config->loss;
  const char *model = words_next(words);
  if (model && !strcmp(model, "random")) {
    loss->model = LOSS_RANDOM;
    return read_chance(words, "loss random", &loss->random, error);
  }
  if (model && !strcmp(model, "gilbert-elliott")) {
    loss->model = LOSS_GILBERT_ELLIOTT;
    double *numbers[] = {&loss->p, &loss->r, &loss->in_bad, &loss->in_good};
    for (int i = 0; i < 4; i++)
      if (words_fraction(words, "loss gilbert-elliott", numbers[i], error)) return -1;
    return 0;
  }
  if (model && !strcmp(model, "state")) {
    loss->model = LOSS_STATE;
    double *numbers[] = {&loss->p13, &loss->p31, &loss->p32, &loss->p23, &loss->p14};
    for (int i = 0; i < 5; i++)
      if (words_fraction(words, "loss state", numbers[i], error)) return -1;
    return check_sum(loss->p13, loss->p14, "p13 and p14", error) || check_sum(loss->p31, loss->p32, "p31 and p32", error);
  }
  return fail(error, "loss needs `random`, `gilbert-elliott` or `state`");
}

static int read_duplicate(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  return read_chance(words, "duplicate", &config->duplicate, error);
}

static int read_corrupt(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  return read_chance(words, "corrupt", &config->corrupt, error);
}

static int read_reorder(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  return read_chance(words, "reorder", &config->reorder, error) ||
         read_u32(words, "reorder", 1, MOST_PACKETS, &config->gap, error);
}

static int read_rate(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  int64_t overhead = 0;
  if (read_u64(words, "rate", 1, MOST_BITS_PER_SECOND, &config->rate, error) ||
      read_u32(words, "the burst of rate", 0, MOST_BYTES, &config->burst, error) ||
      words_integer(words, "the overhead of rate", -MOST_OVERHEAD, MOST_OVERHEAD, &overhead, error))
    return -1;
  config->overhead = (int32_t)overhead;
  return 0;
}

static int read_trace(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  const char *word = words_next(words);
  if (!word || !*word) return fail(error, "trace needs milliseconds, separated by commas");
  size_t count = 1;
  for (const char *each = word; *each; each++) count += *each == ',';
  if (!(config->trace = malloc(count * sizeof *config->trace))) return fail(error, "no memory for the trace");
  long long before = 0;
  for (const char *at = word; config->trace_length < count; at++) {
    char *end;
    long long ms = *at >= '0' && *at <= '9' ? strtoll(at, &end, 10) : -1;
    if (ms < before || ms > MOST_MS || *end != (config->trace_length + 1 < count ? ',' : 0)) {
      snprintf(error, WORDS_ERROR, "trace: number %zu, \"%.20s\", is not from %lld to %d, or not followed by a comma",
               config->trace_length + 1, at, before, MOST_MS);
      return -1;
    }
    config->trace[config->trace_length++] = (uint32_t)ms;
    before = ms;
    at = end;
  }
  return before > 0 ? 0 : fail(error, "trace: its last number, which is its period, is 0");
}

static int read_codel(struct words *words, const char *of, struct queue_config *queue, char error[WORDS_ERROR]) {
  return words_integer(words, of, 1, MOST_NS, &queue->target, error) ||
         words_integer(words, of, 1, MOST_NS, &queue->interval, error) || read_flag(words, of, &queue->ecn, error);
}

static int read_red(struct words *words, struct queue_config *queue, char error[WORDS_ERROR]) {
  if (read_u64(words, "queue red", 1, INT64_C(1) << 40, &queue->limit, error) ||
      read_u64(words, "the minimum of queue red", 0, (int64_t)queue->limit, &queue->least, error) ||
      read_u64(words, "the maximum of queue red", (int64_t)queue->least + 1, INT64_C(1) << 40, &queue->most, error) ||
      words_fraction(words, "queue red", &queue->probability, error))
    return -1;
  return read_flag(words, "the ecn of queue red", &queue->ecn, error);
}

static int read_queue(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  static const char *const names[] = {
      [QUEUE_NONE] = "",        [QUEUE_PACKETS] = "packets",   [QUEUE_BYTES] = "bytes",
      [QUEUE_CODEL] = "codel", [QUEUE_FQ_CODEL] = "fq_codel", [QUEUE_RED] = "red",
  };
  struct queue_config *queue = &config->queue;
  const char *name = words_next(words);
  for (int kind = QUEUE_PACKETS; name && kind <= QUEUE_RED; kind++)
    if (!strcmp(name, names[kind])) queue->kind = (enum queue_kind)kind;
  switch (queue->kind) {
    case QUEUE_PACKETS: return read_u64(words, "queue packets", 1, MOST_PACKETS, &queue->limit, error);
    case QUEUE_BYTES: return read_u64(words, "queue bytes", 1, INT64_C(1) << 40, &queue->limit, error);
    case QUEUE_CODEL:
      return read_u64(words, "queue codel", 1, MOST_PACKETS, &queue->limit, error) ||
             read_codel(words, "queue codel", queue, error);
    case QUEUE_FQ_CODEL:
      return read_u64(words, "queue fq_codel", 1, MOST_PACKETS, &queue->limit, error) ||
             read_u32(words, "the flows of queue fq_codel", 1, MOST_FLOWS, &queue->flows, error) ||
             read_u32(words, "the quantum of queue fq_codel", 1, MOST_BYTES, &queue->quantum, error) ||
             read_codel(words, "queue fq_codel", queue, error);
    case QUEUE_RED: return read_red(words, queue, error);
    case QUEUE_NONE:
    default: return fail(error, "queue needs `packets`, `bytes`, `codel`, `fq_codel` or `red`");
  }
}

static int read_seed(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  const char *word = words_next(words);
  size_t length = word ? strlen(word) : 0;
  if (length == 0 || length > 20 || strspn(word, "0123456789") != length ||
      (length == 20 && strcmp(word, "18446744073709551615") > 0))
    return fail(error, "seed needs an integer from 0 to 18446744073709551615");
  config->seed = strtoull(word, NULL, 10);
  return 0;
}

static const struct {
  const char *name;
  int (*read)(struct words *words, struct class_config *config, char error[WORDS_ERROR]);
} readers[] = {
    {"delay", read_delay},         {"jitter", read_jitter},   {"loss", read_loss},
    {"duplicate", read_duplicate}, {"corrupt", read_corrupt}, {"reorder", read_reorder},
    {"rate", read_rate},           {"trace", read_trace},     {"queue", read_queue},
    {"seed", read_seed},
};

enum { READERS = sizeof readers / sizeof *readers };

static int check(const struct class_config *config, char error[WORDS_ERROR]) {
  int has_queue = config->queue.kind != QUEUE_NONE, is_limited = config->rate || config->trace;
  if (config->rate && config->trace) return fail(error, "rate and trace exclude each other");
  if (config->shared && (is_limited || has_queue)) return fail(error, "a class that is shared has no rate, trace or queue");
  if (is_limited && !has_queue) return fail(error, config->rate ? "rate needs a queue" : "trace needs a queue");
  return has_queue && !is_limited ? fail(error, "queue needs a rate or a trace") : 0;
}

int class_config_read(struct words *words, struct class_config *config, char error[WORDS_ERROR]) {
  unsigned seen = 0;
  for (const char *word; (word = words_peek(words));) {
    unsigned which = 0;
    while (which < READERS && strcmp(word, readers[which].name)) which++;
    if (which == READERS) break;
    words_next(words);
    if (seen & 1U << which) {
      snprintf(error, WORDS_ERROR, "%s comes twice", word);
      return -1;
    }
    seen |= 1U << which;
    if (readers[which].read(words, config, error)) return -1;
  }
  return check(config, error);
}

void class_config_free(struct class_config *config) {
  free(config->jitter.table);
  free(config->trace);
}

// How the two directions of a link impair frames, as the words of a request say it. Times are in ns, lengths in bytes,
// probabilities and correlations from 0 to 1.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "words.h"

// `correlation` is that of a decision with the one before.
struct chance {
  double probability, correlation;
};

enum loss_model { LOSS_NONE, LOSS_RANDOM, LOSS_GILBERT_ELLIOTT, LOSS_STATE };

struct loss_config {
  enum loss_model model;
  struct chance random;
  // Of the Gilbert-Elliott model: good to bad, bad to good.
  double p, r, in_bad, in_good;
  // Of the model with four states, as in tc-netem(8).
  double p13, p31, p32, p23, p14;
};

struct jitter_config {
  int64_t amount;
  double correlation;
  int keep;  // frames do not overtake each other
  // The inverse of a cumulative distribution at equal steps, in 8,192nds of `amount`. NULL: uniform from -amount to amount.
  int16_t *table;
  unsigned table_length;
};

enum queue_kind { QUEUE_NONE, QUEUE_PACKETS, QUEUE_BYTES, QUEUE_CODEL, QUEUE_FQ_CODEL, QUEUE_RED };

struct queue_config {
  enum queue_kind kind;
  uint64_t limit;  // in packets; in bytes for QUEUE_BYTES and QUEUE_RED
  int64_t target, interval;
  unsigned flows, quantum;
  uint64_t least, most;  // of red: the average queue at which marking begins, and at which all frames are marked
  double probability;    // of red, at `most`
  int ecn;
};

struct class_config {
  uint64_t mac;  // the source's, first byte highest; 0 for the default class
  int shared;    // uses the bottleneck of the default class
  int64_t delay;
  struct jitter_config jitter;
  struct loss_config loss;
  struct chance duplicate, corrupt, reorder;
  uint32_t gap;         // of reorder: every gap-th frame is a candidate
  uint64_t rate;        // in bits per second; 0 for none
  uint32_t burst;       // bytes that may leave at once after a pause
  int32_t overhead;     // is added to the length of each frame
  uint32_t *trace;      // instead of a rate: the ms of each opportunity to send 1,504 bytes; the last one is the period
  size_t trace_length;  // in opportunities
  struct queue_config queue;
  uint64_t seed;
};

struct direction_config {
  unsigned side;  // 0 for a, 1 for b: directions of one seed draw different numbers
  size_t class_count;
  struct class_config *classes;  // the default class first, which is always there; the others sorted by their address
};

struct link_config {
  uint32_t number;
  int indexes[2];                           // of the inner ends, a and b
  struct direction_config *directions[2];  // for frames that come in at a and at b
};

// Reads what follows the word `link`, up to the first word that is not part of a link, such as the next `link`. Returns 0; or
// -1 with a text for people in `error`, and then nothing is left to free.
int link_config_read(struct words *words, struct link_config *link, char error[WORDS_ERROR]);
// Frees both directions, unless they are NULL, as where direction_new has become their owner.
void link_config_free(struct link_config *link);
void direction_config_free(struct direction_config *config);

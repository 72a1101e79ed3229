#define _GNU_SOURCE
#include "red.h"

#include <math.h>

#include "random.h"

// In bytes: the average length of frames that tc-red(8) assumes.
enum { ASSUMED_LENGTH = 1000 };

// As tc_red_eval_ewma() of iproute2: the largest negative power of two with which a burst on an empty queue is not marked.
static double weight_for(const struct queue_config *config) {
  double least = (double)config->least;
  double burst = (2 * least + (double)config->most) / (3 * ASSUMED_LENGTH), weight = 0.5;
  double room = burst + 1 - least / ASSUMED_LENGTH;
  if (room < 1) return 1.0 / 512;
  for (int i = 1; i < 32 && room > (1 - pow(1 - weight, burst)) / weight; i++) weight /= 2;
  return weight;
}

void red_begin(struct red *red, const struct queue_config *config, uint64_t key, uint64_t rate) {
  *red = (struct red){.config = config, .key = key, .since_chosen = -1};
  if (config->kind != QUEUE_RED) return;
  red->weight = weight_for(config);
  red->idle_ns = ASSUMED_LENGTH * 8e9 / (double)rate;
}

int red_decide(struct red *red, uint64_t bytes, int64_t now) {
  const struct queue_config *config = red->config;
  if (red->is_idle) {
    // As if so many frames had come to an empty queue as could have been sent meanwhile.
    red->average *= pow(1 - red->weight, (double)(now - red->idle_since) / red->idle_ns);
    red->is_idle = 0;
  } else {
    red->average += red->weight * ((double)bytes - red->average);
  }
  double least = (double)config->least, most = (double)config->most;
  if (red->average < least) {
    red->since_chosen = -1;
    return 0;
  }
  if (red->average >= most) {
    red->since_chosen = 0;
    return 1;
  }
  red->since_chosen++;
  // The more frames have passed, the more likely is the next one chosen, so that distances between those chosen are uniform.
  double probability = config->probability * (red->average - least) / (most - least);
  double rest = 1 - (double)red->since_chosen * probability;
  if (rest > 0 && random_unit(red->key, red->numbers++) * rest >= probability) return 0;
  red->since_chosen = 0;
  return 1;
}

void red_is_idle(struct red *red, int64_t now) {
  red->is_idle = 1;
  red->idle_since = now;
}

void red_move(struct red *red, const struct red *from) {
  red->average = from->average;
  red->since_chosen = from->since_chosen;
  red->numbers = from->numbers;
  red->is_idle = from->is_idle;
  red->idle_since = from->idle_since;
}

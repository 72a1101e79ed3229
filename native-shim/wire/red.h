// Random Early Detection (Floyd and Jacobson, 1993): the longer the average queue, the more frames are marked or dropped when they
// come. What tc-red(8) derives from its arguments by default is derived here, too.
#pragma once
#include "config.h"

struct red {
  const struct queue_config *config;
  uint64_t key, numbers;  // of its random numbers: how many were drawn
  double weight;          // of the present queue in the average
  double average;         // in bytes
  double idle_ns;         // that a frame of the assumed length takes
  int64_t since_chosen;   // frames; -1: the average was below the least
  int64_t idle_since;
  int is_idle;
};

void red_begin(struct red *red, const struct queue_config *config, uint64_t key, uint64_t rate);
// Whether the next frame, which comes to a queue of `bytes`, is to be marked or dropped.
int red_decide(struct red *red, uint64_t bytes, int64_t now);
// The queue is empty from now on.
void red_is_idle(struct red *red, int64_t now);
// Takes what another one knows about the queue.
void red_move(struct red *red, const struct red *from);

// The frames of a direction that are impaired alike: those of one source, or all others.
#pragma once
#include "delay.h"
#include "loss.h"
#include "random.h"

struct class {
  const struct class_config *config;
  uint64_t keys[PURPOSES];
  uint64_t packets;  // that have come in
  struct loss_state loss;
  struct chance_state duplicate, corrupt, copy_corrupt;
  struct delay_state delay;
  int32_t bottleneck;  // -1: none
};

// Begins with frame number 0. The bottleneck is its owner's to set.
void class_begin(struct class *class, const struct class_config *config, unsigned side);
// Goes on where a class of the same source is, unless the seed is another one.
void class_continue(struct class *class, const struct class *before);

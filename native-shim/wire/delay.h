// How long a frame is on its way before it comes to the bottleneck.
#pragma once
#include "chance.h"

struct delay_state {
  double normal;  // of the frame before; correlation is between these
  int begun;
  double correlation;  // of them
  int64_t last_due;
  struct chance_state reorder;
  uint32_t since_reordered;  // frames
};

// Prepares for a new configuration; the frames before stay known.
void delay_configure(const struct class_config *config, struct delay_state *delay);
// Whether the next frame is sent at once, ahead of others, by a random number between 0 and 1.
int delay_is_reordered(const struct class_config *config, struct delay_state *delay, double random);
// When a frame that comes in at `arrival` is due, by a random number between 0 and 1.
int64_t delay_due(const struct class_config *config, struct delay_state *delay, int64_t arrival, double random);

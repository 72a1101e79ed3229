// Which frames are lost.
#pragma once
#include "chance.h"

struct loss_state {
  struct chance_state random;
  enum { LOSS_GOOD, LOSS_GOOD_IN_BURST, LOSS_BURST, LOSS_ISOLATED } state;  // the second and the last one of four states only
};

// Decides about the next frame by two random numbers between 0 and 1.
int loss_decide(const struct loss_config *config, struct loss_state *loss, double random, double random_state);

// Decisions with a probability, such as whether a frame is duplicated.
#pragma once
#include "config.h"

struct chance_state {
  int begun, last;  // whether a decision was made, and which
};

// Decides by a random number between 0 and 1. Decisions are a Markov chain: each is positive with exactly the probability, and
// has exactly the correlation with the one before.
int chance_decide(const struct chance *chance, struct chance_state *state, double random);

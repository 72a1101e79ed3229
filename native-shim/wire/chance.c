#include "chance.h"

int chance_decide(const struct chance *chance, struct chance_state *state, double random) {
  double probability = chance->probability;
  if (state->begun && chance->correlation > 0)
    probability += chance->correlation * (state->last ? 1 - probability : -probability);
  state->begun = 1;
  return state->last = random < probability;
}

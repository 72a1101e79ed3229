#include "loss.h"

// As loss_gilb_ell() of the kernel's sch_netem.c: a frame is lost with the probability of the state that it finds.
static int gilbert_elliott(const struct loss_config *config, struct loss_state *loss, double random, double random_state) {
  int is_bad = loss->state == LOSS_BURST;
  if (random_state < (is_bad ? config->r : config->p)) loss->state = is_bad ? LOSS_GOOD : LOSS_BURST;
  return random < (is_bad ? config->in_bad : config->in_good);
}

// As loss_4state() of sch_netem.c: a frame is lost when the state after it is one of the two of loss.
static int four_states(const struct loss_config *config, struct loss_state *loss, double random) {
  switch (loss->state) {
    case LOSS_GOOD:
      if (random < config->p14) loss->state = LOSS_ISOLATED;
      else if (random < config->p14 + config->p13) loss->state = LOSS_BURST;
      break;
    case LOSS_GOOD_IN_BURST:
      if (random < config->p23) loss->state = LOSS_BURST;
      break;
    case LOSS_BURST:
      if (random < config->p32) loss->state = LOSS_GOOD_IN_BURST;
      else if (random < config->p32 + config->p31) loss->state = LOSS_GOOD;
      break;
    case LOSS_ISOLATED:
    default:
      loss->state = LOSS_GOOD;
      break;
  }
  return loss->state == LOSS_BURST || loss->state == LOSS_ISOLATED;
}

int loss_decide(const struct loss_config *config, struct loss_state *loss, double random, double random_state) {
  switch (config->model) {
    case LOSS_RANDOM: return chance_decide(&config->random, &loss->random, random);
    case LOSS_GILBERT_ELLIOTT: return gilbert_elliott(config, loss, random, random_state);
    case LOSS_STATE: return four_states(config, loss, random_state);
    case LOSS_NONE:
    default: return 0;
  }
}

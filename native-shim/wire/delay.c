#define _GNU_SOURCE
#include "delay.h"

#include <math.h>

#include "copula.h"
#include "normal.h"

void delay_configure(const struct class_config *config, struct delay_state *delay) {
  delay->correlation = config->jitter.amount > 0 ? copula_correlation(&config->jitter) : 0;
}

int delay_is_reordered(const struct class_config *config, struct delay_state *delay, double random) {
  if (config->reorder.probability <= 0) return 0;
  delay->since_reordered++;
  // As netem: the frames in between are not decided about.
  if (delay->since_reordered < config->gap) return 0;
  if (!chance_decide(&config->reorder, &delay->reorder, random)) return 0;
  delay->since_reordered = 0;
  return 1;
}

// A uniform number from 0 to 1 that is correlated with that of the frame before: normal numbers that are an autoregressive
// process of first order, mapped to uniform ones (a Gaussian copula). So the correlation leaves the distribution as it is.
static double correlated(struct delay_state *delay, double random) {
  double fresh = normal_quantile(random), rho = delay->correlation;
  delay->normal = delay->begun ? rho * delay->normal + sqrt(1 - rho * rho) * fresh : fresh;
  delay->begun = 1;
  return normal_probability(delay->normal);
}

int64_t delay_due(const struct class_config *config, struct delay_state *delay, int64_t arrival, double random) {
  const struct jitter_config *jitter = &config->jitter;
  int64_t wait = config->delay;
  if (jitter->amount > 0) {
    double uniform = jitter->correlation > 0 ? correlated(delay, random) : random;
    wait += llrint((double)jitter->amount * jitter_deviation(jitter, uniform));
    if (wait < 0) wait = 0;
  }
  int64_t due = arrival + wait;
  if (jitter->amount > 0 && jitter->keep && due < delay->last_due) due = delay->last_due;
  if (due > delay->last_due) delay->last_due = due;
  return due;
}

#define _GNU_SOURCE
#include "delay.h"

#include <math.h>

#include "normal.h"

void delay_configure(const struct class_config *config, struct delay_state *delay) {
  double correlation = config->jitter.correlation;
  // Uniform values that are made of normal ones by a Gaussian copula are less correlated: 6/π·asin(ρ/2).
  delay->correlation = config->jitter.table ? correlation : 2 * sin(M_PI / 6 * correlation);
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

// The deviation from the mean, in units of the jitter's amount, for a uniform number from 0 to 1.
static double deviation(const struct jitter_config *jitter, double uniform) {
  if (!jitter->table) return 2 * uniform - 1;
  unsigned last = jitter->table_length - 1;
  double at = uniform * jitter->table_length - 0.5;
  if (at <= 0) return jitter->table[0] / 8192.0;
  if (at >= last) return jitter->table[last] / 8192.0;
  unsigned below = (unsigned)at;
  double share = at - below;
  return (jitter->table[below] * (1 - share) + jitter->table[below + 1] * share) / 8192.0;
}

int64_t delay_due(const struct class_config *config, struct delay_state *delay, int64_t arrival, double random) {
  const struct jitter_config *jitter = &config->jitter;
  int64_t wait = config->delay;
  if (jitter->amount > 0) {
    double uniform = jitter->correlation > 0 ? correlated(delay, random) : random;
    wait += llrint((double)jitter->amount * deviation(jitter, uniform));
    if (wait < 0) wait = 0;
  }
  int64_t due = arrival + wait;
  if (jitter->amount > 0 && jitter->keep && due < delay->last_due) due = delay->last_due;
  if (due > delay->last_due) delay->last_due = due;
  return due;
}

#define _GNU_SOURCE
#include "copula.h"

#include <math.h>

#include "normal.h"

// DEGREES: of the polynomials that stand for a distribution. POINTS: at which it is looked at. HALVINGS: of an interval.
enum { DEGREES = 24, POINTS = 4096, HALVINGS = 40 };

double jitter_deviation(const struct jitter_config *jitter, double uniform) {
  if (!jitter->table) return 2 * uniform - 1;
  unsigned last = jitter->table_length - 1;
  double at = uniform * jitter->table_length - 0.5;
  if (at <= 0) return jitter->table[0] / 8192.0;
  if (at >= last) return jitter->table[last] / 8192.0;
  unsigned below = (unsigned)at;
  double share = at - below;
  return (jitter->table[below] * (1 - share) + jitter->table[below + 1] * share) / 8192.0;
}

// Writes a distribution as a sum of normalised Hermite polynomials of a normal number, and sets `shares` to the squares of its
// coefficients from degree 1 on: normal numbers with a correlation of r have polynomials of degree n with one of r^n.
static void expand(const struct jitter_config *jitter, double shares[DEGREES]) {
  double coefficients[DEGREES] = {0}, mean = 0, variance = 0, known = 0;
  for (int i = 0; i < POINTS; i++) {
    double uniform = (i + 0.5) / POINTS, z = normal_quantile(uniform), value = jitter_deviation(jitter, uniform);
    double before = 1, polynomial = z;
    mean += value / POINTS;
    variance += value * value / POINTS;
    for (int degree = 1; degree <= DEGREES; degree++) {
      coefficients[degree - 1] += value * polynomial / POINTS;
      double next = (z * polynomial - sqrt(degree) * before) / sqrt(degree + 1);
      before = polynomial;
      polynomial = next;
    }
  }
  variance -= mean * mean;
  for (int i = 0; i < DEGREES; i++) known += shares[i] = coefficients[i] * coefficients[i];
  // What higher degrees would have.
  if (variance > known) shares[DEGREES - 1] += variance - known;
}

double copula_correlation(const struct jitter_config *jitter) {
  double shares[DEGREES], low = 0, high = 1, sum = 0;
  if (jitter->correlation <= 0 || jitter->correlation >= 1) return jitter->correlation;
  expand(jitter, shares);
  for (int i = 0; i < DEGREES; i++) sum += shares[i];
  for (int halving = 0; halving < HALVINGS; halving++) {
    double middle = (low + high) / 2, reached = 0;
    for (int i = DEGREES - 1; i >= 0; i--) reached = (reached + shares[i]) * middle;
    if (reached < jitter->correlation * sum) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

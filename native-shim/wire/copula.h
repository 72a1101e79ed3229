// Delays that are correlated, and have any distribution: correlated normal numbers are mapped to uniform ones, and those to the
// distribution (a Gaussian copula).
#pragma once
#include "config.h"

// The correlation of normal numbers with which those of the jitter have the correlation that is configured.
double copula_correlation(const struct jitter_config *jitter);
// The deviation from the mean, in units of the jitter's amount, for a uniform number from 0 to 1.
double jitter_deviation(const struct jitter_config *jitter, double uniform);

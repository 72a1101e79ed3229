// The standard normal distribution.
#pragma once

// The probability of a value of at most `z`.
double normal_probability(double z);
// The value that is not exceeded with this probability, which is between 0 and 1, which are excluded.
double normal_quantile(double probability);

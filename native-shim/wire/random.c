#include "random.h"

// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014), variant 13 of
// Stafford's.
static uint64_t mix(uint64_t bits) {
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

uint64_t random_bits(uint64_t key, uint64_t n) { return mix(key + (n + 1) * 0x9e3779b97f4a7c15); }

uint64_t random_key(uint64_t seed, unsigned side, uint64_t mac, enum purpose purpose) {
  return random_bits(random_bits(random_bits(seed, side), mac), (uint64_t)purpose);
}

double random_unit(uint64_t key, uint64_t n) { return ((double)(random_bits(key, n) >> 12) + 0.5) * 0x1p-52; }

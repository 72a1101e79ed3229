#define _GNU_SOURCE
#include "carrier.h"

#include <linux/if.h>

enum { A, B };

static void look(const struct interfaces *interfaces, struct end *end) {
  end->is_there = !interfaces_flags(interfaces, end->index, &end->flags);
}

// An interface that has gone meanwhile is no failure: look tells.
static void set(const struct interfaces *interfaces, struct end *end, int is_up) {
  if (end->is_there && !(end->flags & IFF_UP) == !is_up) return;
  interfaces_set(interfaces, end->index, is_up);
  look(interfaces, end);
}

static int has_carrier(const struct end *end) {
  return end->is_there && (end->flags & IFF_UP) && (end->flags & IFF_LOWER_UP);
}

// An end that is down tells nothing of its peer.
static int has_lost(const struct end *end) {
  return !end->is_there || ((end->flags & IFF_UP) && !(end->flags & IFF_LOWER_UP));
}

// Moves to the next state. Returns whether there was one.
static int step(const struct interfaces *interfaces, struct link *link) {
  struct end *a = &link->ends[A], *b = &link->ends[B];
  switch (link->carrier) {
    case CARRIER_BOTH:
      if (has_lost(a)) link->carrier = CARRIER_A_LOST, set(interfaces, b, 0);
      else if (has_lost(b)) link->carrier = CARRIER_B_LOST, set(interfaces, a, 0);
      else return 0;
      return 1;
    case CARRIER_A_LOST:
      if (!has_carrier(a)) return 0;
      link->carrier = CARRIER_BOTH, set(interfaces, b, 1);
      return 1;
    case CARRIER_B_LOST:
      if (!has_carrier(b)) return 0;
      link->carrier = CARRIER_BOTH, set(interfaces, a, 1);
      return 1;
    case CARRIER_CUT:
    default: return 0;
  }
}

void carrier_follow(const struct interfaces *interfaces, struct link *link) {
  for (int side = 0; side < 2; side++) look(interfaces, &link->ends[side]);
  // Two nodes that go up and down could keep each other's ends in motion for ever; later news goes on from there.
  for (int steps = 0; steps < 3 && step(interfaces, link); steps++) {}
}

void carrier_begin(const struct interfaces *interfaces, struct link *link) {
  for (int side = 0; side < 2; side++) {
    struct end *end = &link->ends[side];
    enum carrier other_lost = side == A ? CARRIER_B_LOST : CARRIER_A_LOST;
    look(interfaces, end);
    set(interfaces, end, link->carrier != other_lost && link->carrier != CARRIER_CUT);
  }
  carrier_follow(interfaces, link);
}

void carrier_cut(const struct interfaces *interfaces, struct link *link) {
  link->carrier = CARRIER_CUT;
  carrier_begin(interfaces, link);
}

void carrier_mend(const struct interfaces *interfaces, struct link *link) {
  if (link->carrier != CARRIER_CUT) return;
  link->carrier = CARRIER_BOTH;
  carrier_begin(interfaces, link);
}

#define _GNU_SOURCE
#include "counts.h"

#include <inttypes.h>

#include "wire.h"

static void print_times(struct text *answer, const char *name, const struct histogram *times) {
  text_add(answer,
           ",\"%s\":{\"count\":%" PRIu64 ",\"p50\":%" PRId64 ",\"p90\":%" PRId64 ",\"p99\":%" PRId64 ",\"max\":%" PRId64
           "}",
           name, times->count, histogram_percentile(times, 0.5), histogram_percentile(times, 0.9),
           histogram_percentile(times, 0.99), times->max);
}

static void print_end(struct text *answer, const struct end *end, char side) {
  const struct direction_statistics *counted = direction_statistics(end->direction);
  text_add(answer, "{\"link\":%" PRIu32 ",\"direction\":\"%c\",\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64,
           end->link->number, side, counted->packets + end->plain_packets - end->unsent,
           counted->bytes + end->plain_bytes - end->unsent_bytes);
  text_add(answer,
           ",\"drops\":{\"loss\":%" PRIu64 ",\"queue\":%" PRIu64 ",\"aqm\":%" PRIu64 ",\"memory\":%" PRIu64
           ",\"send\":%" PRIu64 "}",
           counted->drops.loss, counted->drops.queue, counted->drops.aqm, counted->drops.memory, end->unsent);
  text_add(answer,
           ",\"duplicated\":%" PRIu64 ",\"reordered\":%" PRIu64 ",\"corrupted\":%" PRIu64 ",\"marked\":%" PRIu64
           ",\"queued\":%" PRIu64,
           counted->duplicated, counted->reordered, counted->corrupted, counted->marked, counted->queued);
  print_times(answer, "delayNs", &counted->delay);
  print_times(answer, "latenessNs", &counted->lateness);
  text_add(answer, "}\n");
}

void counts_print(struct wire *wire, struct text *answer) {
  for (size_t i = 0; i < wire->links.count; i++)
    for (int side = 0; side < 2; side++) print_end(answer, &wire->links.list[i]->ends[side], "ab"[side]);
  wire->lost += rings_lost(&wire->rings);
  text_add(answer, "{\"wire\":{\"restarts\":%d,\"links\":%zu,\"lost\":%" PRIu64 ",\"paused\":%s}}\n", wire->restarts,
           wire->links.count, wire->lost, wire->is_paused ? "true" : "false");
}

#include "schedule.h"

#include <stdlib.h>

int schedule_reserve(struct schedule *schedule, size_t count) {
  if (count <= schedule->room) return 0;
  struct end **heap = realloc(schedule->heap, 2 * count * sizeof *heap);
  if (!heap) return -1;
  schedule->heap = heap, schedule->room = 2 * count;
  return 0;
}

static void put(struct schedule *schedule, size_t place, struct end *end) {
  schedule->heap[place] = end, end->place = place;
}

static void move(struct schedule *schedule, size_t place, struct end *end) {
  struct end **heap = schedule->heap;
  for (; place > 0 && heap[(place - 1) / 2]->next > end->next; place = (place - 1) / 2)
    put(schedule, place, heap[(place - 1) / 2]);
  for (;;) {
    size_t child = 2 * place + 1;
    if (child + 1 < schedule->count && heap[child + 1]->next < heap[child]->next) child++;
    if (child >= schedule->count || heap[child]->next >= end->next) break;
    put(schedule, place, heap[child]);
    place = child;
  }
  put(schedule, place, end);
}

void schedule_update(struct schedule *schedule, struct end *end) {
  int64_t next = direction_next(end->direction);
  if (next == end->next) return;
  end->next = next;
  if (next == INT64_MAX) schedule_remove(schedule, end);
  else move(schedule, end->place == IDLE ? schedule->count++ : end->place, end);
}

void schedule_remove(struct schedule *schedule, struct end *end) {
  size_t place = end->place;
  end->next = INT64_MAX;
  if (place == IDLE) return;
  end->place = IDLE;
  struct end *last = schedule->heap[--schedule->count];
  if (last != end) move(schedule, place, last);
}

struct end *schedule_first(const struct schedule *schedule) { return schedule->count ? schedule->heap[0] : NULL; }

#define _GNU_SOURCE
#include "probes.h"

#include <stddef.h>

#include "../ping_spec.h"

void probes_start(struct probes *probes) {
  *probes = (struct probes){.free = NO_PROBE, .due = {NO_PROBE, NO_PROBE, 0}, .waiting = {NO_PROBE, NO_PROBE, 0}};
}

static void append(struct probes *probes, struct probe_list *list, int index) {
  probes->all[index].before = list->last, probes->all[index].after = NO_PROBE;
  *(list->last == NO_PROBE ? &list->first : &probes->all[list->last].after) = index;
  list->last = index, list->length++;
}

static void take_out(struct probes *probes, int index) {
  const struct probe *probe = &probes->all[index];
  struct probe_list *list = probe->is_waiting ? &probes->waiting : &probes->due;
  *(probe->before == NO_PROBE ? &list->first : &probes->all[probe->before].after) = probe->after;
  *(probe->after == NO_PROBE ? &list->last : &probes->all[probe->after].before) = probe->before;
  list->length--;
}

int probes_add(struct probes *probes, int from, int to) {
  int index = probes->free;
  if (index != NO_PROBE) {
    probes->free = probes->all[index].after;
  } else {
    probes->all = ping_grow(probes->all, probes->count, sizeof *probes->all);
    index = probes->count++;
  }
  probes->all[index] = (struct probe){.from = from, .to = to};
  append(probes, &probes->due, index);
  return index;
}

void probes_wait(struct probes *probes, int index) {
  take_out(probes, index);
  probes->all[index].is_waiting = 1;
  append(probes, &probes->waiting, index);
}

void probes_due(struct probes *probes, int index) {
  take_out(probes, index);
  probes->all[index].is_waiting = 0;
  append(probes, &probes->due, index);
}

void probes_drop(struct probes *probes, int index) {
  take_out(probes, index);
  probes->all[index].is_waiting = 0, probes->all[index].after = probes->free, probes->free = index;
}

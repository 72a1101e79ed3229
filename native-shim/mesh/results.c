#define _GNU_SOURCE
#include "results.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "../report.h"

static struct {
  const struct mesh_spec *mesh;
  struct mesh_pair *pairs;  // by sender, then by receiver
} results;

void results_start(const struct mesh_spec *mesh) {
  size_t nodes = (size_t)mesh->node_count;
  // Pages of pairs that other shares ping are never touched, and take no memory.
  results.mesh = mesh, results.pairs = calloc(nodes * nodes + 1, sizeof *results.pairs);
  if (!results.pairs) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "mesh");
}

void results_free(void) { free(results.pairs); }

struct mesh_pair *results_of(int from, int to) {
  return &results.pairs[(size_t)from * (size_t)results.mesh->node_count + (size_t)to];
}

void results_report(int from, int to, int sent) {
  struct mesh_pair *pair = results_of(from, to);
  char time[32] = "null";
  if (pair->received > 0) snprintf(time, sizeof time, "%u", pair->least_us);
  report_line("{\"from\":%d,\"to\":%d,\"sent\":%d,\"received\":%d,\"us\":%s}", from, to, sent, pair->received, time);
  pair->is_reported = 1;
}

void results_report_row(int from, int first, int end) {
  char times[SIDE_MAX * 12 + 1];
  int used = 0, found = 0;
  for (int to = first; to < end; to++) {
    struct mesh_pair *pair = results_of(from, to);
    int is_whole = pair->received > 0 && pair->received == results.mesh->count && !pair->is_reported;
    int time = is_whole ? (int)(pair->least_us < INT_MAX ? pair->least_us : INT_MAX) : -1;
    used += snprintf(times + used, sizeof times - (size_t)used, "%s%d", to > first ? "," : "", time);
    found += is_whole;
    if (is_whole) pair->is_reported = 1;
  }
  if (found > 0)
    report_line("{\"from\":%d,\"first\":%d,\"count\":%d,\"us\":[%s]}", from, first, results.mesh->count, times);
}

#define _GNU_SOURCE
#include "tile.h"

#include "introduce.h"
#include "results.h"

struct tile tile_before_first(const struct mesh_spec *mesh) {
  return (struct tile){.mesh = mesh, .columns = -1, .groups = (mesh->node_count + mesh->side - 1) / mesh->side};
}

int tile_next(struct tile *tile) {
  for (int skip = tile->columns < 0 ? tile->mesh->share + 1 : tile->mesh->shares; skip > 0; skip--) {
    if (++tile->columns < tile->groups) continue;
    tile->columns = ++tile->rows;
    if (tile->rows >= tile->groups) return 0;
  }
  return 1;
}

static int begin(const struct tile *tile, int group) { return group * tile->mesh->side; }

static int end(const struct tile *tile, int group) {
  int next = (group + 1) * tile->mesh->side;
  return next < tile->mesh->node_count ? next : tile->mesh->node_count;
}

int tile_has(const struct tile *tile, int from, int to) {
  int one = from / tile->mesh->side, other = to / tile->mesh->side;
  return (one == tile->rows && other == tile->columns) || (one == tile->columns && other == tile->rows);
}

static void visit_half(const struct tile *tile, int senders, int receivers, void visit(int from, int to)) {
  for (int from = begin(tile, senders); from < end(tile, senders); from++)
    for (int to = begin(tile, receivers); to < end(tile, receivers); to++)
      if (mesh_address(tile->mesh, from, to)) visit(from, to);
}

void tile_each(const struct tile *tile, void visit(int from, int to)) {
  visit_half(tile, tile->rows, tile->columns, visit);
  if (tile->rows != tile->columns) visit_half(tile, tile->columns, tile->rows, visit);
}

int tile_introduce(const struct tile *tile) {
  static struct introduction list[TILE_MAX];
  const struct mesh_node *nodes = tile->mesh->nodes;
  int count = 0;
  for (int a = begin(tile, tile->rows); a < end(tile, tile->rows); a++)
    for (int b = begin(tile, tile->columns); b < end(tile, tile->columns); b++) {
      if (tile->rows == tile->columns && b <= a) continue;
      if (!introduction_of(tile->mesh, a, b, &list[count])) continue;
      results_of(a, b)->is_stranger = results_of(b, a)->is_stranger = 1;
      count += nodes[a].is_heard && nodes[b].is_heard;
    }
  int has_room = introduce(tile->mesh, list, count);
  for (int i = 0; i < count; i++)
    if (list[i].state == KNOWN) results_of(list[i].a, list[i].b)->is_stranger = results_of(list[i].b, list[i].a)->is_stranger = 0;
  return has_room;
}

static void report_half(const struct tile *tile, int senders, int receivers) {
  for (int from = begin(tile, senders); from < end(tile, senders); from++)
    results_report_row(from, begin(tile, receivers), end(tile, receivers));
}

void tile_report(const struct tile *tile) {
  report_half(tile, tile->rows, tile->columns);
  if (tile->rows != tile->columns) report_half(tile, tile->columns, tile->rows);
}

static int is_done(const struct mesh_spec *mesh, int from, int to) {
  return !mesh_address(mesh, from, to) || results_of(from, to)->done == mesh->count;
}

// Makes the introduction of two nodes that are to forget each other. Returns 0 when they are not.
static int find(const struct mesh_spec *mesh, int a, int b, struct introduction *found) {
  struct mesh_pair *pair = results_of(a, b);
  if (!mesh->forget || !pair->is_stranger || !is_done(mesh, a, b) || !is_done(mesh, b, a)) return 0;
  pair->is_stranger = results_of(b, a)->is_stranger = 0;
  return introduction_of(mesh, a, b, found);
}

void tile_forget(const struct tile *tile) {
  static struct introduction list[TILE_MAX];
  int count = 0;
  for (int a = begin(tile, tile->rows); a < end(tile, tile->rows); a++)
    for (int b = begin(tile, tile->columns); b < end(tile, tile->columns); b++)
      if (a != b) count += find(tile->mesh, a, b, &list[count]);
  forget(tile->mesh, list, count);
}

void pair_forget(const struct mesh_spec *mesh, int a, int b) {
  struct introduction introduction;
  if (find(mesh, a, b, &introduction)) forget(mesh, &introduction, 1);
}

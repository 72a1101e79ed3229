// A tile of a mesh: a square of the matrix of senders and receivers, together with its mirror image. Its rows and its columns are
// groups of `side` nodes.
#pragma once
#include "spec.h"

struct tile {
  const struct mesh_spec *mesh;
  int rows, columns, groups;
};

// Before the first tile of this process's share.
struct tile tile_before_first(const struct mesh_spec *mesh);
// Goes to the next tile of the share. Returns 0 when there is none.
int tile_next(struct tile *tile);
int tile_has(const struct tile *tile, int from, int to);
// Calls `visit` for each pair of the tile that is pinged, sender by sender.
void tile_each(const struct tile *tile, void visit(int from, int to));
// Introduces the nodes of all pairs to each other. Returns what `introduce` does.
int tile_introduce(const struct tile *tile);
// Reports the pairs that are done without a loss.
void tile_report(const struct tile *tile);
// Makes nodes that were strangers forget each other when both directions are done: those of a tile, or of a pair.
void tile_forget(const struct tile *tile);
void pair_forget(const struct mesh_spec *mesh, int a, int b);

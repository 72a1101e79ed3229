#define _GNU_SOURCE
#include "greet.h"

#include <stdlib.h>

#include "../report.h"
#include "introduce.h"

enum { ROUNDS = 4 };  // a host to which the others are introduced may be dead, and then another takes its place

struct greeting {
  const struct mesh_spec *mesh;
  unsigned char *is_silent;  // by node: whether it has not answered
  int *hosts;                // by node: to which one it is introduced; -1 for none
};

// The first node before this one that is on one of its links and not silent.
static int host_of(const struct greeting *greeting, int guest) {
  struct introduction introduction;
  for (int host = 0; host < guest; host++)
    if (!greeting->is_silent[host] && introduction_of(greeting->mesh, guest, host, &introduction)) return host;
  return -1;
}

// Introduces these guests to their hosts.
static void introduce_all(struct mesh_spec *mesh, const struct greeting *greeting, struct introduction *list, int count) {
  introduce(mesh, list, count);
  for (int i = 0; i < count; i++) {
    int a = list[i].a, b = list[i].b, guest = a > b ? a : b, host = a > b ? b : a;
    if (list[i].state != UNMET) mesh->nodes[guest].is_heard = mesh->nodes[host].is_heard = 1;
    // A host that others have heard is there, so it is the guest that is not.
    else greeting->is_silent[mesh->nodes[host].is_heard ? guest : host] = 1;
  }
  int strangers = 0;
  for (int i = 0; i < count; i++)
    if (list[i].state != KNOWN) list[strangers++] = list[i];
  if (mesh->forget) forget(mesh, list, strangers);
}

// Introduces guests of hosts that have been heard, or one guest of each host that has not. Returns how many were introduced.
static int introduce_guests(struct mesh_spec *mesh, const struct greeting *greeting, int of_heard_hosts) {
  static struct introduction list[TILE_MAX];
  int count = 0, all = 0, last_host = -1;
  for (int guest = 0; guest < mesh->node_count; guest++) {
    int host = greeting->hosts[guest];
    if (host < 0 || mesh->nodes[guest].is_heard || greeting->is_silent[guest]) continue;
    if (mesh->nodes[host].is_heard != of_heard_hosts || (!of_heard_hosts && host == last_host)) continue;
    last_host = host;
    count += introduction_of(mesh, guest, host, &list[count]), all++;
    if (count < mesh->side * mesh->side) continue;  // as many as in a tile
    introduce_all(mesh, greeting, list, count);
    count = 0;
  }
  introduce_all(mesh, greeting, list, count);
  return all;
}

void greet(struct mesh_spec *mesh) {
  struct greeting greeting = {.mesh = mesh};
  greeting.is_silent = calloc((size_t)mesh->node_count + 1, sizeof *greeting.is_silent);
  greeting.hosts = calloc((size_t)mesh->node_count + 1, sizeof *greeting.hosts);
  if (!greeting.is_silent || !greeting.hosts) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "mesh");
  for (int round = 0; round < ROUNDS; round++) {
    for (int guest = 0; guest < mesh->node_count; guest++) greeting.hosts[guest] = host_of(&greeting, guest);
    if (introduce_guests(mesh, &greeting, 0) + introduce_guests(mesh, &greeting, 1) == 0) break;
  }
  free(greeting.is_silent);
  free(greeting.hosts);
}

#define _GNU_SOURCE
#include "introduce.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "links.h"
#include "neighbours.h"

enum {
  // The kernel sends within a tick of its clock, which is at most 10 ms (CONFIG_HZ=100), and an answer of an idle link takes less
  // than 0.1 ms. On a machine that has other work, both take longer.
  CONFIRM_MS = 100,
  // How long the rest is waited for when some have been confirmed, and all when none were, once.
  REST_MS = 40,
  POLL_US = 500,
  POLLS = 10,  // the first entry stands for all; so many polls of it, and all are looked up
  ENTRIES_MAX = TILE_MAX * 4,
};

int introduction_of(const struct mesh_spec *mesh, int one, int other, struct introduction *introduction) {
  int is_other = !mesh_address(mesh, one, other);
  *introduction = (struct introduction){.a = is_other ? other : one, .b = is_other ? one : other};
  return links_between(mesh, introduction->a, introduction->b, &introduction->near, &introduction->far);
}

// The entry that a node has of an address of another, on these links.
static struct neighbour entry(const struct mesh_node *node, const struct link *own, const struct link *other) {
  return (struct neighbour){.socket = node->netlink, .family = own->family, .interface = own->interface,
                            .address = other->address, .hardware = other->hardware};
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// Moves entries that the kernel has not confirmed to the front. Returns their number.
static int unconfirmed(struct neighbour *list, int count) {
  int kept = 0;
  for (int i = 0; i < count; i++)
    if (list[i].state & (NUD_PROBE | NUD_FAILED)) list[kept++] = list[i];
  return kept;
}

// Waits until the kernel has confirmed the entries. Returns how many it has not, in front of the list.
static int confirm(struct neighbour *list, int count) {
  static int patience_ms = CONFIRM_MS;
  double end = now_ms() + patience_ms;
  int all = count;
  for (int poll = 1; count > 0 && now_ms() < end; poll++) {
    nanosleep(&(struct timespec){.tv_nsec = POLL_US * 1000}, NULL);
    neighbours_look_up(list, 1);
    if (unconfirmed(list, 1) > 0 && poll % POLLS != 0) continue;
    neighbours_look_up(list, count);
    int left = unconfirmed(list, count);
    if (left < count) end = now_ms() + REST_MS;
    count = left;
  }
  if (all > 0) patience_ms = count == all ? REST_MS : CONFIRM_MS;
  return count;
}

int introduce(const struct mesh_spec *mesh, struct introduction *list, int count) {
  static struct neighbour entries[ENTRIES_MAX];
  int used = 0, made = 0, is_full = 0;
  for (int i = 0; i < count; i++, used++) {
    entries[used] = entry(&mesh->nodes[list[i].a], list[i].near, list[i].far), entries[used].owner = i;
    list[i].state = KNOWN;
  }
  // A node learns who asks it (RFC 826). By IPv6, the kernel asks with its link-local address (ndisc_solicit in
  // net/ipv6/ndisc.c), so the other has to ask back.
  for (int i = 0; i < count; i++)
    if (list[i].near->family == AF_INET6)
      entries[used] = entry(&mesh->nodes[list[i].b], list[i].far, list[i].near), entries[used++].owner = i;
  neighbours_probe(entries, used);
  for (int i = 0; i < used; i++) {
    enum introduction_state *state = &list[entries[i].owner].state;
    if (entries[i].state && *state == KNOWN) *state = MET;
    // When the table is full, the kernel may yet make room for the entries that the requests need.
    if (!entries[i].state && entries[i].error != EEXIST) *state = UNMET, is_full |= entries[i].error == ENOBUFS;
    if (entries[i].state) entries[made++] = entries[i];
  }
  int left = confirm(entries, made);
  for (int i = 0; i < left; i++) list[entries[i].owner].state = UNMET;
  neighbours_remove(entries, left);
  return !is_full;
}

static int by_socket(const void *left, const void *right) {
  return ((const struct neighbour *)left)->socket - ((const struct neighbour *)right)->socket;
}

void forget(const struct mesh_spec *mesh, const struct introduction *list, int count) {
  static struct neighbour entries[ENTRIES_MAX];
  int used = 0, kept = 0;
  for (int i = 0; i < count; i++) {
    const struct mesh_node *a = &mesh->nodes[list[i].a], *b = &mesh->nodes[list[i].b];
    const struct link *near = list[i].near, *far = list[i].far;
    entries[used++] = entry(a, near, far), entries[used++] = entry(b, far, near);
    if (near->family != AF_INET6) continue;
    const struct link *near_local = links_local(a, near), *far_local = links_local(b, far);
    if (far_local) entries[used++] = entry(a, near, far_local);
    if (near_local) entries[used++] = entry(b, far, near_local);
  }
  qsort(entries, (size_t)used, sizeof *entries, by_socket);
  neighbours_look_up(entries, used);
  for (int i = 0; i < used; i++)
    if (entries[i].state && !(entries[i].state & (NUD_PERMANENT | NUD_NOARP))) entries[kept++] = entries[i];
  neighbours_remove(entries, kept);
}

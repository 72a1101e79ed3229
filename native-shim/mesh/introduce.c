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
  // The kernel sends within a tick of its clock: at most 10 ms (CONFIG_HZ=100). An answer of an idle link takes less than 0.1 ms.
  CONFIRM_MS = 25,
  POLL_US = 500,
  INTRODUCTIONS_MAX = SIDE_MAX * SIDE_MAX,
  ENTRIES_MAX = INTRODUCTIONS_MAX * 4,
};

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

// Waits until the kernel has confirmed the entries, for CONFIRM_MS. Returns how many it has not, in front of the list.
static int confirm(struct neighbour *list, int count) {
  for (double end = now_ms() + CONFIRM_MS; count > 0;) {
    nanosleep(&(struct timespec){.tv_nsec = POLL_US * 1000}, NULL);
    neighbours_look_up(list, 1);  // the first stands for all, as long as it waits
    int is_late = now_ms() > end;
    if (unconfirmed(list, 1) > 0 && !is_late) continue;
    neighbours_look_up(list, count);
    count = unconfirmed(list, count);
    if (is_late) break;
  }
  return count;
}

int introduce(const struct mesh_spec *mesh, struct introduction *list, int count) {
  static struct neighbour entries[ENTRIES_MAX];
  static int owners[ENTRIES_MAX];  // of an entry: its place in the list
  int used = 0, made = 0, strangers = 0;
  for (int i = 0; i < count; i++, used++)
    owners[used] = i, entries[used] = entry(&mesh->nodes[list[i].a], list[i].near, list[i].far);
  // A node learns who asks it (RFC 826). By IPv6, the kernel asks with its link-local address (ndisc_solicit in
  // net/ipv6/ndisc.c), so the other has to ask back.
  for (int i = 0; i < count; i++)
    if (list[i].near->family == AF_INET6)
      owners[used] = i, entries[used++] = entry(&mesh->nodes[list[i].b], list[i].far, list[i].near);
  neighbours_probe(entries, used);
  for (int i = 0; i < count; i++) list[i].is_stranger = 0;
  for (int i = 0; i < used; i++) {
    // When the table is full, the kernel may yet make room for the entries that the requests need.
    if (entries[i].error != EEXIST) list[owners[i]].is_stranger = 1;
    if (entries[i].state) entries[made++] = entries[i];
  }
  for (int i = 0; i < count; i++)
    if (list[i].is_stranger) list[strangers++] = list[i];
  neighbours_remove(entries, confirm(entries, made));
  return strangers;
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

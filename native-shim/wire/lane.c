#include "lane.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64, FAN = 4 };

static int is_before(const struct lane_entry *one, const struct lane_entry *other) {
  return one->time < other->time || (one->time == other->time && one->order < other->order);
}

static struct lane_entry entry_of(struct packet *packet) {
  return (struct lane_entry){.time = packet->time, .order = packet->order, .packet = packet};
}

static int grow(struct lane *lane) {
  size_t room = lane->room ? lane->room * 2 : FIRST_ROOM;
  struct lane_entry *heap = realloc(lane->heap, room * sizeof *heap);
  if (!heap) return -1;
  lane->heap = heap;
  lane->room = room;
  return 0;
}

int lane_add(struct lane *lane, struct packet *packet) {
  struct lane_entry entry = entry_of(packet);
  if (!lane->row.first || lane->row.last->time <= packet->time) {
    packet_list_append(&lane->row, packet);
    return 0;
  }
  if (lane->count == lane->room && grow(lane)) return -1;
  size_t at = lane->count++;
  for (size_t above; at > 0 && is_before(&entry, &lane->heap[above = (at - 1) / FAN]); at = above)
    lane->heap[at] = lane->heap[above];
  lane->heap[at] = entry;
  return 0;
}

static int heap_is_first(const struct lane *lane) {
  if (lane->count == 0 || !lane->row.first) return lane->count > 0;
  struct lane_entry row = entry_of(lane->row.first);
  return is_before(&lane->heap[0], &row);
}

struct packet *lane_first(const struct lane *lane) {
  return heap_is_first(lane) ? lane->heap[0].packet : lane->row.first;
}

struct packet *lane_take(struct lane *lane) {
  if (!heap_is_first(lane)) return packet_list_take(&lane->row);
  struct packet *packet = lane->heap[0].packet;
  struct lane_entry last = lane->heap[--lane->count];
  size_t at = 0;
  for (;;) {
    size_t least = at * FAN + 1, end = least + FAN < lane->count ? least + FAN : lane->count;
    for (size_t below = least + 1; below < end; below++)
      if (is_before(&lane->heap[below], &lane->heap[least])) least = below;
    if (least >= lane->count || !is_before(&lane->heap[least], &last)) break;
    lane->heap[at] = lane->heap[least];
    at = least;
  }
  lane->heap[at] = last;
  return packet;
}

void lane_shift(struct lane *lane, int64_t ns) {
  for (struct packet *each = lane->row.first; each; each = each->next) each->time += ns, each->arrival += ns;
  for (size_t i = 0; i < lane->count; i++) {
    struct lane_entry *entry = &lane->heap[i];
    entry->time = entry->packet->time += ns;
    entry->packet->arrival += ns;
  }
}

static void redirect(struct packet *packet, const int32_t *to) {
  if (packet->bottleneck >= 0) packet->bottleneck = to[packet->bottleneck];
}

void lane_redirect(struct lane *lane, const int32_t *to) {
  for (struct packet *each = lane->row.first; each; each = each->next) redirect(each, to);
  for (size_t i = 0; i < lane->count; i++) redirect(lane->heap[i].packet, to);
}

void lane_free(struct lane *lane, struct pool *pool) {
  for (struct packet *each; (each = packet_list_take(&lane->row));) packet_free(pool, each);
  for (size_t i = 0; i < lane->count; i++) packet_free(pool, lane->heap[i].packet);
  free(lane->heap);
  *lane = (struct lane){0};
}

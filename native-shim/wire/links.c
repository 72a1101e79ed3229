#include "links.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

// The place of the first link whose number is not below this one.
static size_t place_of(const struct links *links, uint32_t number) {
  size_t low = 0, high = links->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (links->list[middle]->number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

struct link *links_find(const struct links *links, uint32_t number) {
  size_t place = place_of(links, number);
  return place < links->count && links->list[place]->number == number ? links->list[place] : NULL;
}

// Neighbouring links have neighbouring indexes, so the lowest bits are a good hash.
struct end *links_end(const struct links *links, int index) {
  if (!links->slot_count) return NULL;
  for (size_t at = (size_t)index;; at++) {
    struct end *end = links->slots[at & (links->slot_count - 1)];
    if (!end || end->index == index) return end;
  }
}

static void enter(struct links *links, struct end *end) {
  size_t at = (size_t)end->index;
  while (links->slots[at & (links->slot_count - 1)]) at++;
  links->slots[at & (links->slot_count - 1)] = end;
}

static void enter_all(struct links *links) {
  memset(links->slots, 0, links->slot_count * sizeof *links->slots);
  for (size_t i = 0; i < links->count; i++)
    for (int side = 0; side < 2; side++) enter(links, &links->list[i]->ends[side]);
}

// Makes room for one more. The hash table has four slots for each link, two of which stay empty. Returns 0, or -1.
static int grow(struct links *links) {
  if (links->count < links->room) return 0;
  size_t room = links->room ? links->room * 2 : FIRST_ROOM;
  struct link **list = realloc(links->list, room * sizeof *list);
  if (!list) return -1;
  links->list = list;
  struct end **slots = realloc(links->slots, 4 * room * sizeof *slots);
  if (!slots) return -1;
  links->slots = slots, links->slot_count = 4 * room, links->room = room;
  enter_all(links);
  return 0;
}

struct link *links_add(struct links *links, uint32_t number, const int indexes[2]) {
  struct link *link = grow(links) ? NULL : calloc(1, sizeof *link);
  if (!link) return NULL;
  link->number = number;
  for (int side = 0; side < 2; side++)
    link->ends[side] = (struct end){.link = link, .index = indexes[side], .next = INT64_MAX, .place = IDLE};
  size_t place = place_of(links, number);
  memmove(links->list + place + 1, links->list + place, (links->count - place) * sizeof *links->list);
  links->list[place] = link, links->count++;
  for (int side = 0; side < 2; side++) enter(links, &link->ends[side]);
  return link;
}

void links_remove(struct links *links, struct link *link) {
  size_t place = place_of(links, link->number);
  memmove(links->list + place, links->list + place + 1, (links->count - place - 1) * sizeof *links->list);
  links->count--;
  enter_all(links);
  for (int side = 0; side < 2; side++)
    if (link->ends[side].direction) direction_free(link->ends[side].direction);
  free(link->words);
  free(link);
}

struct end *end_other(struct end *end) { return end == end->link->ends ? end + 1 : end - 1; }

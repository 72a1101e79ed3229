#define _GNU_SOURCE
#include "packet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// In bytes: memory is given to a size class in blocks of the first; the header of a block has the second.
enum { BLOCK = 1 << 20, BLOCK_HEADER = 64, CLASSES = 4, LARGEST_PAGE = 1 << 16 };
// So many empty blocks keep their memory; that of others goes back to the kernel.
enum { WARM_BLOCKS = 16 };
// A share is this part of a pool.
enum { SHARE_PART = 4 };

// In bytes, with the struct packet: for acknowledgements, for Ethernet's frames, for jumbo frames, for frames to be segmented.
static const uint32_t slot_sizes[CLASSES] = {256, 1792, 9472, PACKET_MAX + 256};

struct slot {
  struct slot *next;
};

// Stands at the beginning of a block, which is aligned to its size, so that a packet's address leads to it.
struct block {
  struct block *next, *previous;  // of the blocks of its class that have room, or of the empty ones
  struct slot *free;
  uint32_t class, used, fresh;  // `fresh`: so many slots have been in use at some time
};

_Static_assert(sizeof(struct block) <= BLOCK_HEADER, "the header of a block has room for struct block");

struct pool {
  uint8_t *memory;
  size_t room, blocks, begun;  // `blocks`: how many there are; `begun`: so many have been in use at some time
  size_t warm;
  struct block *empty, *with_room[CLASSES];
};

struct pool *pool_new(size_t bytes) {
  struct pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->blocks = bytes / BLOCK;
  pool->room = (pool->blocks + 1) * BLOCK;
  pool->memory = mmap(NULL, pool->room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pool->memory != MAP_FAILED) return pool;
  free(pool);
  return NULL;
}

void pool_free(struct pool *pool) {
  munmap(pool->memory, pool->room);
  free(pool);
}

struct share pool_share(const struct pool *pool) { return (struct share){.most = pool->blocks * BLOCK / SHARE_PART}; }

static uint32_t slots_in_block(uint32_t class) { return (BLOCK - BLOCK_HEADER) / slot_sizes[class]; }

static void link_block(struct block **list, struct block *block) {
  block->previous = NULL;
  block->next = *list;
  if (*list) (*list)->previous = block;
  *list = block;
}

static void unlink_block(struct block **list, struct block *block) {
  if (block->previous) block->previous->next = block->next;
  else *list = block->next;
  if (block->next) block->next->previous = block->previous;
}

// Gives a block to a class. NULL: there is none left.
static struct block *begin_block(struct pool *pool, uint32_t class) {
  struct block *block = pool->empty;
  if (block) {
    unlink_block(&pool->empty, block);
    if (pool->warm > 0) pool->warm--;
  } else if (pool->begun < pool->blocks) {
    uintptr_t first = ((uintptr_t)pool->memory + BLOCK - 1) / BLOCK * BLOCK;
    block = (struct block *)(first + pool->begun++ * BLOCK);
  } else {
    return NULL;
  }
  *block = (struct block){.class = class};
  link_block(&pool->with_room[class], block);
  return block;
}

// Takes an empty block from its class.
static void end_block(struct pool *pool, struct block *block) {
  unlink_block(&pool->with_room[block->class], block);
  // The page of the header stays, since the header is linked.
  if (pool->warm >= WARM_BLOCKS) madvise((uint8_t *)block + LARGEST_PAGE, BLOCK - LARGEST_PAGE, MADV_DONTNEED);
  else pool->warm++;
  link_block(&pool->empty, block);
}

struct packet *packet_new(struct pool *pool, struct share *share, uint32_t length) {
  if (length > PACKET_MAX) return NULL;
  uint32_t class = 0, size = (uint32_t)sizeof(struct packet) + PACKET_HEADROOM + length;
  while (slot_sizes[class] < size) class++;
  if (share->held + slot_sizes[class] > share->most) return NULL;
  struct block *block = pool->with_room[class];
  if (!block && !(block = begin_block(pool, class))) return NULL;
  struct slot *slot = block->free;
  if (slot) block->free = slot->next;
  else slot = (struct slot *)((uint8_t *)block + BLOCK_HEADER + (size_t)block->fresh++ * slot_sizes[class]);
  if (++block->used == slots_in_block(class)) unlink_block(&pool->with_room[class], block);
  struct packet *packet = (struct packet *)slot;
  share->held += slot_sizes[class];
  *packet = (struct packet){.share = share, .length = length, .data = (uint8_t *)(packet + 1) + PACKET_HEADROOM};
  return packet;
}

struct packet *packet_copy(struct pool *pool, const struct packet *packet) {
  struct packet *copy = packet_new(pool, packet->share, packet->length);
  if (!copy) return NULL;
  uint8_t *data = copy->data;
  *copy = *packet;
  copy->next = NULL;
  copy->data = memcpy(data, packet->data, packet->length);
  return copy;
}

static struct block *block_of(const struct packet *packet) {
  return (struct block *)((uintptr_t)packet / BLOCK * BLOCK);
}

void packet_discharge(struct packet *packet) {
  if (packet->share) packet->share->held -= slot_sizes[block_of(packet)->class];
  packet->share = NULL;
}

void packet_free(struct pool *pool, struct packet *packet) {
  struct block *block = block_of(packet);
  packet_discharge(packet);
  struct slot *slot = (struct slot *)packet;
  slot->next = block->free;
  block->free = slot;
  if (block->used-- == slots_in_block(block->class)) link_block(&pool->with_room[block->class], block);
  // The last block of a class stays, so that single frames do not take and return it each time.
  if (block->used == 0 && (block->next || block->previous)) end_block(pool, block);
}

void packet_list_append(struct packet_list *list, struct packet *packet) {
  packet->next = NULL;
  if (list->last) list->last->next = packet;
  else list->first = packet;
  list->last = packet;
}

struct packet *packet_list_take(struct packet_list *list) {
  struct packet *packet = list->first;
  if (!packet) return NULL;
  list->first = packet->next;
  if (!list->first) list->last = NULL;
  return packet;
}

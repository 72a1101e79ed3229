#include "queue.h"

#include <stdlib.h>

#include "frame.h"

int queue_begin(struct queue *queue, const struct queue_config *config, uint64_t key, uint64_t rate) {
  queue->config = config;
  red_begin(&queue->red, config, key, rate);
  if (config->kind == QUEUE_FQ_CODEL && !(queue->fair = fq_codel_new(config, key))) return -1;
  return 0;
}

void queue_end(struct queue *queue) {
  if (queue->fair) fq_codel_free(queue->fair, queue->pool);
  for (struct packet *each; (each = packet_list_take(&queue->list));) packet_free(queue->pool, each);
}

void queue_drop(struct queue *queue, struct packet *packet, uint64_t *count) {
  *count += packet->frames;
  queue->statistics->queued -= packet->frames;
  packet_free(queue->pool, packet);
}

int queue_mark(struct queue *queue, struct packet *packet) {
  if (!queue->config->ecn || !frame_mark(packet)) return 0;
  queue->statistics->marked++;
  return 1;
}

// Whether there is room for one packet more. One of several frames is dropped whole, as by the kernel's disciplines.
static int has_room(const struct queue *queue, const struct packet *packet) {
  switch (queue->config->kind) {
    case QUEUE_BYTES:
    case QUEUE_RED: return queue->bytes + packet->size <= queue->config->limit;
    case QUEUE_PACKETS:
    case QUEUE_CODEL: return queue->frames + packet->frames <= queue->config->limit;
    case QUEUE_FQ_CODEL:  // drops others instead
    case QUEUE_NONE:
    default: return 1;
  }
}

// Appends a frame that is neither dropped nor marked.
static void append(struct queue *queue, struct packet *packet) {
  queue->frames += packet->frames;
  queue->bytes += packet->size;
  if (packet->size > queue->longest) queue->longest = packet->size;
  if (queue->fair) fq_codel_append(queue, packet);
  else packet_list_append(&queue->list, packet);
}

void queue_add(struct queue *queue, struct packet *packet, int64_t now) {
  struct direction_statistics *statistics = queue->statistics;
  packet->enqueued = now;
  if (queue->config->kind == QUEUE_RED) {
    int is_chosen = red_decide(&queue->red, queue->bytes, now);
    if (is_chosen && !queue_mark(queue, packet)) return queue_drop(queue, packet, &statistics->drops.aqm);
  }
  if (!has_room(queue, packet)) return queue_drop(queue, packet, &statistics->drops.queue);
  append(queue, packet);
  if (queue->fair) fq_codel_keep_limit(queue);
}

struct packet *queue_take(struct queue *queue, int64_t now) {
  switch (queue->config->kind) {
    case QUEUE_CODEL: return codel_take(queue, &queue->codel, &queue->list, &queue->bytes, now);
    case QUEUE_FQ_CODEL: return fq_codel_take(queue, now);
    case QUEUE_RED:
    case QUEUE_PACKETS:
    case QUEUE_BYTES:
    case QUEUE_NONE:
    default: break;
  }
  struct packet *packet = packet_list_take(&queue->list);
  if (!packet) return NULL;
  queue->frames -= packet->frames;
  queue->bytes -= packet->size;
  if (queue->frames == 0) red_is_idle(&queue->red, now);
  return packet;
}

struct packet *queue_take_raw(struct queue *queue) {
  struct packet *packet = queue->fair ? fq_codel_take_raw(queue->fair) : packet_list_take(&queue->list);
  if (!packet) return NULL;
  queue->frames -= packet->frames;
  queue->bytes -= packet->size;
  return packet;
}

void queue_move(struct queue *queue, struct queue *from) {
  if (queue->config->kind == from->config->kind) {
    queue->codel = from->codel;
    red_move(&queue->red, &from->red);
  }
  queue->longest = from->longest;
  if (queue->fair && from->fair && queue->config->flows == from->config->flows) {
    // With each flow's turn and what its CoDel knows.
    struct fq_codel *fair = queue->fair;
    queue->fair = from->fair, queue->frames = from->frames, queue->bytes = from->bytes;
    from->fair = fair, from->frames = from->bytes = 0;
  }
  for (struct packet *each; (each = queue_take_raw(from));) {
    if (!has_room(queue, each)) queue_drop(queue, each, &queue->statistics->drops.queue);
    else append(queue, each);
  }
  if (queue->fair) fq_codel_keep_limit(queue);
}

void queue_shift(struct queue *queue, int64_t ns) {
  for (struct packet *each = queue->list.first; each; each = each->next)
    each->time += ns, each->arrival += ns, each->enqueued += ns;
  codel_shift(&queue->codel, ns);
  queue->red.idle_since += ns;
  if (queue->fair) fq_codel_shift(queue->fair, ns);
}

#include "fq_codel.h"

#include <stdlib.h>

#include "frame.h"
#include "queue.h"

// As the kernel's sch_fq_codel.c: so many frames are dropped at once, at most half of the longest flow, since it takes time to
// find that.
enum { DROP_BATCH = 64 };

struct flow {
  struct flow *next;
  struct packet_list list;
  uint64_t bytes;
  int64_t credit;  // in bytes; RFC 8290, 4.2: "deficit"
  int is_listed;
  struct codel codel;
};

struct flow_list {
  struct flow *first, *last;
};

struct fq_codel {
  uint64_t key;
  struct flow_list new, old;
  unsigned flow_count;
  struct flow flows[];
};

static void append_flow(struct flow_list *list, struct flow *flow) {
  flow->next = NULL;
  if (list->last) list->last->next = flow;
  else list->first = flow;
  list->last = flow;
}

static struct flow *take_flow(struct flow_list *list) {
  struct flow *flow = list->first;
  list->first = flow->next;
  if (!list->first) list->last = NULL;
  return flow;
}

struct fq_codel *fq_codel_new(const struct queue_config *config, uint64_t key) {
  struct fq_codel *fair = calloc(1, sizeof *fair + config->flows * sizeof *fair->flows);
  if (!fair) return NULL;
  fair->key = key;
  fair->flow_count = config->flows;
  return fair;
}

void fq_codel_free(struct fq_codel *fair, struct pool *pool) {
  for (struct packet *each; (each = fq_codel_take_raw(fair));) packet_free(pool, each);
  free(fair);
}

void fq_codel_append(struct queue *queue, struct packet *packet) {
  struct fq_codel *fair = queue->fair;
  struct flow *flow = &fair->flows[frame_flow(packet, fair->key) % fair->flow_count];
  packet_list_append(&flow->list, packet);
  flow->bytes += packet->size;
  if (flow->is_listed) return;
  flow->is_listed = 1;
  flow->credit = queue->config->quantum;
  append_flow(&fair->new, flow);
}

void fq_codel_keep_limit(struct queue *queue) {
  struct fq_codel *fair = queue->fair;
  while (queue->frames > queue->config->limit) {
    struct flow *longest = fair->flows;
    for (unsigned i = 1; i < fair->flow_count; i++)
      if (fair->flows[i].bytes > longest->bytes) longest = &fair->flows[i];
    uint64_t half = longest->bytes / 2, dropped = 0;
    for (int i = 0; i < DROP_BATCH && (i == 0 || dropped < half); i++) {
      struct packet *packet = packet_list_take(&longest->list);
      dropped += packet->size;
      longest->bytes -= packet->size;
      queue->bytes -= packet->size;
      queue->frames -= packet->frames;
      queue_drop(queue, packet, &queue->statistics->drops.queue);
    }
  }
}

struct packet *fq_codel_take(struct queue *queue, int64_t now) {
  struct fq_codel *fair = queue->fair;
  for (;;) {
    int is_new = fair->new.first != NULL;
    struct flow_list *list = is_new ? &fair->new : &fair->old;
    struct flow *flow = list->first;
    if (!flow) return NULL;
    if (flow->credit <= 0) {
      flow->credit += queue->config->quantum;
      append_flow(&fair->old, take_flow(list));
      continue;
    }
    struct packet *packet = codel_take(queue, &flow->codel, &flow->list, &flow->bytes, now);
    if (packet) {
      flow->credit -= packet->size;
      return packet;
    }
    take_flow(list);
    // A new flow that is empty waits behind the old ones once, so that it cannot be new again at once.
    if (is_new && fair->old.first) append_flow(&fair->old, flow);
    else flow->is_listed = 0;
  }
}

struct packet *fq_codel_take_raw(struct fq_codel *fair) {
  for (unsigned i = 0; i < fair->flow_count; i++) {
    struct packet *packet = packet_list_take(&fair->flows[i].list);
    if (packet) return packet;
  }
  return NULL;
}

void fq_codel_shift(struct fq_codel *fair, int64_t ns) {
  for (unsigned i = 0; i < fair->flow_count; i++) {
    codel_shift(&fair->flows[i].codel, ns);
    for (struct packet *each = fair->flows[i].list.first; each; each = each->next)
      each->time += ns, each->arrival += ns, each->enqueued += ns;
  }
}

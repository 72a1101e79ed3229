#define _GNU_SOURCE
#include "codel.h"

#include <math.h>

#include "queue.h"

// Takes the next frame, and says whether its time in the queue is a reason to drop it ("dodequeue" of RFC 8289).
static struct packet *take(struct queue *queue, struct codel *codel, struct packet_list *list, uint64_t *bytes, int64_t now,
                           int *is_late) {
  struct packet *packet = packet_list_take(list);
  *is_late = 0;
  if (!packet) {
    codel->first_above = 0;
    return NULL;
  }
  queue->frames -= packet->frames;
  if (bytes != &queue->bytes) queue->bytes -= packet->size;
  *bytes -= packet->size;
  // A queue of less than a frame is a good one, as long as that frame may take to be sent.
  if (now - packet->enqueued < queue->config->target || *bytes <= queue->longest) codel->first_above = 0;
  else if (codel->first_above == 0) codel->first_above = now + queue->config->interval;
  else *is_late = now >= codel->first_above;
  return packet;
}

static int64_t control_law(const struct queue *queue, const struct codel *codel, int64_t from) {
  return from + (int64_t)((double)queue->config->interval / sqrt(codel->count));
}

static void drop(struct queue *queue, struct packet *packet) {
  queue_drop(queue, packet, &queue->statistics->drops.aqm);
}

struct packet *codel_take(struct queue *queue, struct codel *codel, struct packet_list *list, uint64_t *bytes, int64_t now) {
  int is_late;
  struct packet *packet = take(queue, codel, list, bytes, now, &is_late);
  if (codel->is_dropping) {
    if (!is_late) codel->is_dropping = 0;
    while (codel->is_dropping && now >= codel->drop_next) {
      codel->count++;
      if (queue_mark(queue, packet)) {
        codel->drop_next = control_law(queue, codel, codel->drop_next);
        return packet;
      }
      drop(queue, packet);
      packet = take(queue, codel, list, bytes, now, &is_late);
      if (is_late) codel->drop_next = control_law(queue, codel, codel->drop_next);
      else codel->is_dropping = 0;
    }
  } else if (is_late) {
    if (!queue_mark(queue, packet)) {
      drop(queue, packet);
      packet = take(queue, codel, list, bytes, now, &is_late);
    }
    codel->is_dropping = 1;
    // Where it has dropped shortly before, it goes on at about the rate that was right then.
    uint32_t since = codel->count - codel->last_count;
    codel->count = since > 1 && now - codel->drop_next < 16 * queue->config->interval ? since : 1;
    codel->last_count = codel->count;
    codel->drop_next = control_law(queue, codel, now);
  }
  return packet;
}

void codel_shift(struct codel *codel, int64_t ns) {
  if (codel->first_above) codel->first_above += ns;
  codel->drop_next += ns;
}

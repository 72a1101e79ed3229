#include "bottleneck.h"

#include <string.h>

// mahimahi's: the bytes of one opportunity.
enum { OPPORTUNITY = 1504 };
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

static int64_t period(const struct class_config *config) {
  return config->trace[config->trace_length - 1] * NS_PER_MS;
}

// In bits per second.
static uint64_t mean_rate(const struct class_config *config) {
  if (!config->trace) return config->rate;
  return (uint64_t)((double)config->trace_length * OPPORTUNITY * 8e9 / (double)period(config)) + 1;
}

int bottleneck_begin(struct bottleneck *bottleneck, const struct class_config *config, uint64_t key, struct pool *pool,
                     struct direction_statistics *statistics) {
  *bottleneck = (struct bottleneck){.config = config, .free_at = INT64_MIN / 2, .next_time = INT64_MAX};
  bottleneck->queue = (struct queue){.pool = pool, .statistics = statistics};
  if (config->rate) bottleneck->burst_ns = (int64_t)((double)config->burst * 8e9 / (double)config->rate);
  return queue_begin(&bottleneck->queue, &config->queue, key, mean_rate(config));
}

void bottleneck_end(struct bottleneck *bottleneck) {
  if (bottleneck->serving) packet_free(bottleneck->queue.pool, bottleneck->serving);
  queue_end(&bottleneck->queue);
}

static uint64_t length_of(const struct bottleneck *bottleneck, const struct packet *packet) {
  int64_t length = packet->size + (int64_t)packet->frames * bottleneck->config->overhead;
  return length > 0 ? (uint64_t)length : 1;
}

int64_t bottleneck_next(const struct bottleneck *bottleneck) {
  if (bottleneck->config->trace) return bottleneck->next_time;
  return bottleneck->serving ? bottleneck->serving->time : INT64_MAX;
}

// Begins to send frames until one takes time.
static void serve(struct bottleneck *bottleneck, int64_t now, struct packet_list *out) {
  uint64_t rate = bottleneck->config->rate;
  for (struct packet *packet; !bottleneck->serving && (packet = queue_take(&bottleneck->queue, now));) {
    if (bottleneck->free_at < now - bottleneck->burst_ns) {
      bottleneck->free_at = now - bottleneck->burst_ns;
      bottleneck->free_fraction = 0;
    }
    uint64_t work = length_of(bottleneck, packet) * 8 * NS_PER_S + bottleneck->free_fraction;
    bottleneck->free_at += (int64_t)(work / rate);
    bottleneck->free_fraction = work % rate;
    packet->time = bottleneck->free_at > now ? bottleneck->free_at : now;
    if (packet->time > now) bottleneck->serving = packet;
    else packet_list_append(out, packet);
  }
}

static int64_t opportunity(const struct bottleneck *bottleneck, uint64_t number) {
  const struct class_config *config = bottleneck->config;
  uint64_t round = number / config->trace_length;
  return bottleneck->begin + (int64_t)round * period(config) + config->trace[number % config->trace_length] * NS_PER_MS;
}

// Waits for the first opportunity that is not past and not used.
static void wait_for_opportunity(struct bottleneck *bottleneck, int64_t now) {
  const struct class_config *config = bottleneck->config;
  if (!bottleneck->has_begun) {
    bottleneck->has_begun = 1;
    bottleneck->begin = now;
  }
  int64_t since = now - bottleneck->begin;
  uint64_t round = since > 0 ? (uint64_t)(since - 1) / (uint64_t)period(config) : 0;
  int64_t within = since - (int64_t)round * period(config);
  size_t low = 0, high = config->trace_length - 1;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (config->trace[middle] * NS_PER_MS < within) low = middle + 1;
    else high = middle;
  }
  uint64_t first = round * config->trace_length + low;
  if (first > bottleneck->next) bottleneck->next = first;
  bottleneck->next_time = opportunity(bottleneck, bottleneck->next);
}

static void use_opportunity(struct bottleneck *bottleneck, struct packet_list *out) {
  int64_t now = bottleneck->next_time;
  for (uint64_t room = OPPORTUNITY; room > 0;) {
    if (!bottleneck->serving) {
      bottleneck->serving = queue_take(&bottleneck->queue, now);
      if (!bottleneck->serving) break;
      bottleneck->left = length_of(bottleneck, bottleneck->serving);
    }
    uint64_t used = bottleneck->left < room ? bottleneck->left : room;
    room -= used;
    bottleneck->left -= used;
    if (bottleneck->left > 0) break;
    bottleneck->serving->time = now;
    packet_list_append(out, bottleneck->serving);
    bottleneck->serving = NULL;
  }
  bottleneck->next++;
  bottleneck->next_time = bottleneck->serving || bottleneck->queue.frames > 0 ? opportunity(bottleneck, bottleneck->next)
                                                                               : INT64_MAX;
}

void bottleneck_take(struct bottleneck *bottleneck, struct packet *packet, struct packet_list *out) {
  int64_t now = packet->time;
  queue_add(&bottleneck->queue, packet, now);
  if (!bottleneck->config->trace) serve(bottleneck, now, out);
  else if (bottleneck->next_time == INT64_MAX) wait_for_opportunity(bottleneck, now);
}

void bottleneck_run(struct bottleneck *bottleneck, struct packet_list *out) {
  if (bottleneck->config->trace) return use_opportunity(bottleneck, out);
  struct packet *packet = bottleneck->serving;
  bottleneck->serving = NULL;
  int64_t now = packet->time;
  packet_list_append(out, packet);
  serve(bottleneck, now, out);
}

static int is_same_trace(const struct class_config *one, const struct class_config *other) {
  return one->trace && other->trace && one->trace_length == other->trace_length &&
         memcmp(one->trace, other->trace, one->trace_length * sizeof *one->trace) == 0;
}

// The bytes of the frame that is sent which are not sent yet.
static uint64_t left_bytes(const struct bottleneck *bottleneck, int64_t now) {
  if (bottleneck->config->trace) return bottleneck->left;
  int64_t ns = bottleneck->serving->time - now;
  return ns > 0 ? (uint64_t)((double)ns * (double)bottleneck->config->rate / 8e9) + 1 : 1;
}

void bottleneck_move(struct bottleneck *bottleneck, struct bottleneck *from, int64_t now, struct packet_list *out) {
  const struct class_config *to = bottleneck->config, *before = from->config;
  queue_move(&bottleneck->queue, &from->queue);
  bottleneck->serving = from->serving;
  if (is_same_trace(to, before)) {
    bottleneck->has_begun = from->has_begun;
    bottleneck->begin = from->begin;
    bottleneck->next = from->next;
    bottleneck->next_time = from->next_time;
    bottleneck->left = from->left;
  } else if (to->trace) {
    if (bottleneck->serving) bottleneck->left = left_bytes(from, now);
    if (bottleneck->serving || bottleneck->queue.frames > 0) wait_for_opportunity(bottleneck, now);
  } else {
    bottleneck->free_at = from->free_at;
    if (bottleneck->serving && before->trace)
      bottleneck->serving->time = bottleneck->free_at = now + (int64_t)((double)from->left * 8e9 / (double)to->rate);
    serve(bottleneck, now, out);
  }
  from->serving = NULL;
}

void bottleneck_release(struct bottleneck *bottleneck, int64_t now, struct packet_list *out) {
  struct packet *packet = bottleneck->serving;
  bottleneck->serving = NULL;
  if (packet) {
    if (bottleneck->config->trace || packet->time < now) packet->time = now;
    now = packet->time;
    packet_list_append(out, packet);
  }
  while ((packet = queue_take_raw(&bottleneck->queue))) {
    packet->time = now;
    packet_list_append(out, packet);
  }
}

void bottleneck_shift(struct bottleneck *bottleneck, int64_t ns) {
  queue_shift(&bottleneck->queue, ns);
  if (bottleneck->serving) bottleneck->serving->time += ns, bottleneck->serving->arrival += ns;
  bottleneck->free_at += ns;
  bottleneck->begin += ns;
  if (bottleneck->next_time != INT64_MAX) bottleneck->next_time += ns;
}

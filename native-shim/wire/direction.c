#include "direction.h"

#include <stdlib.h>

#include "bottleneck.h"
#include "class.h"
#include "frame.h"
#include "lane.h"

// What is made from a configuration, and replaced with it.
struct setup {
  struct direction_config *config;
  struct class *classes;  // in the order of the configuration
  struct bottleneck *bottlenecks;
  int32_t bottleneck_count;
};

struct direction {
  struct pool *pool;
  struct share share;  // of all frames here, whatever their class and queue
  struct setup setup;
  struct lane lane;
  uint64_t order;  // of the next frame
  int64_t now;     // as far as the last calls have said it
  struct direction_statistics statistics;
};

static int needs_bottleneck(const struct class_config *config) { return config->rate > 0 || config->trace != NULL; }

static void setup_free(struct setup *setup) {
  for (int32_t i = 0; i < setup->bottleneck_count; i++) bottleneck_end(&setup->bottlenecks[i]);
  free(setup->bottlenecks);
  free(setup->classes);
}

// Leaves the configuration its caller's when there is no memory.
static int setup_make(struct setup *setup, struct direction_config *config, struct direction *direction) {
  size_t count = config->class_count;
  *setup = (struct setup){.config = config};
  setup->classes = malloc(count * sizeof *setup->classes);
  setup->bottlenecks = malloc(count * sizeof *setup->bottlenecks);
  int failed = !setup->classes || !setup->bottlenecks;
  for (size_t i = 0; i < count && !failed; i++) {
    struct class *class = &setup->classes[i];
    class_begin(class, &config->classes[i], config->side);
    if (class->config->shared) class->bottleneck = setup->classes[0].bottleneck;
    if (!needs_bottleneck(class->config)) continue;
    class->bottleneck = setup->bottleneck_count;
    failed = bottleneck_begin(&setup->bottlenecks[setup->bottleneck_count++], class->config, class->keys[PURPOSE_QUEUE],
                              direction->pool, &direction->statistics);
  }
  if (failed) setup_free(setup);
  return failed ? -1 : 0;
}

struct direction *direction_new(struct pool *pool, struct direction_config *config) {
  struct direction *direction = calloc(1, sizeof *direction);
  if (!direction) return NULL;
  direction->pool = pool;
  direction->share = pool_share(pool);
  if (setup_make(&direction->setup, config, direction) == 0) return direction;
  free(direction);
  return NULL;
}

void direction_free(struct direction *direction) {
  lane_free(&direction->lane, direction->pool);
  setup_free(&direction->setup);
  direction_config_free(direction->setup.config);
  free(direction);
}

// The classes behind the default one are sorted by their address.
static struct class *find_class(const struct setup *setup, uint64_t mac) {
  size_t low = 1, high = setup->config->class_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    uint64_t here = setup->config->classes[middle].mac;
    if (here == mac) return &setup->classes[middle];
    if (here < mac) low = middle + 1;
    else high = middle;
  }
  return &setup->classes[0];
}

static void drop_for_memory(struct direction *direction, struct packet *packet) {
  direction->statistics.drops.memory += packet->frames;
  direction->statistics.queued -= packet->frames;
  packet_free(direction->pool, packet);
}

static void put_in_lane(struct direction *direction, struct packet *packet, int32_t bottleneck) {
  packet->bottleneck = bottleneck;
  packet->order = direction->order++;
  if (lane_add(&direction->lane, packet)) drop_for_memory(direction, packet);
}

// Sends frame `number` of its class, or a duplicate of it, on its way.
static void send(struct direction *direction, struct class *class, struct packet *packet, uint64_t number, int is_copy) {
  const struct class_config *config = class->config;
  const uint64_t *keys = class->keys;
  if (config->corrupt.probability > 0) {
    struct chance_state *state = is_copy ? &class->copy_corrupt : &class->corrupt;
    double random = random_unit(keys[is_copy ? PURPOSE_COPY_CORRUPT : PURPOSE_CORRUPT], number);
    if (chance_decide(&config->corrupt, state, random)) {
      frame_corrupt(packet, random_bits(keys[is_copy ? PURPOSE_COPY_CORRUPT_BIT : PURPOSE_CORRUPT_BIT], number));
      direction->statistics.corrupted++;
    }
  }
  if (config->reorder.probability > 0 &&
      delay_is_reordered(config, &class->delay, random_unit(keys[is_copy ? PURPOSE_COPY_REORDER : PURPOSE_REORDER], number)))
    direction->statistics.reordered++;
  else
    packet->time = delay_due(config, &class->delay, packet->time,
                             random_unit(keys[is_copy ? PURPOSE_COPY_JITTER : PURPOSE_JITTER], number));
  put_in_lane(direction, packet, class->bottleneck);
}

static int is_lost(struct class *class, uint64_t number) {
  const struct loss_config *loss = &class->config->loss;
  return loss->model != LOSS_NONE && loss_decide(loss, &class->loss, random_unit(class->keys[PURPOSE_LOSS], number),
                                                 random_unit(class->keys[PURPOSE_LOSS_STATE], number));
}

static int is_duplicated(struct class *class, uint64_t number) {
  const struct chance *duplicate = &class->config->duplicate;
  return duplicate->probability > 0 &&
         chance_decide(duplicate, &class->duplicate, random_unit(class->keys[PURPOSE_DUPLICATE], number));
}

struct packet *direction_packet(struct direction *direction, uint32_t length) {
  return packet_new(direction->pool, &direction->share, length);
}

void direction_take(struct direction *direction, struct packet *packet) {
  struct direction_statistics *statistics = &direction->statistics;
  struct setup *setup = &direction->setup;
  struct class *class = setup->config->class_count == 1 ? setup->classes : find_class(setup, frame_source(packet));
  uint64_t number = class->packets++;
  struct frame_size size = frame_size(&packet->vnet, packet->data, packet->length);
  packet->frames = size.frames, packet->size = size.bytes;
  packet->arrival = packet->time;
  if (packet->time > direction->now) direction->now = packet->time;
  if (is_lost(class, number)) {
    statistics->drops.loss += packet->frames;
    packet_free(direction->pool, packet);
    return;
  }
  statistics->queued += packet->frames;
  struct packet *copy = NULL;
  if (is_duplicated(class, number)) {
    copy = packet_copy(direction->pool, packet);
    if (copy) statistics->duplicated += copy->frames, statistics->queued += copy->frames;
    else statistics->drops.memory += packet->frames;
  }
  send(direction, class, packet, number, 0);
  if (copy) send(direction, class, copy, number, 1);
}

void direction_count_memory_drop(struct direction *direction, uint32_t frames) {
  direction->statistics.drops.memory += frames;
}

// The bottleneck with the next event, or NULL.
static struct bottleneck *next_bottleneck(const struct setup *setup, int64_t *time) {
  struct bottleneck *next = NULL;
  *time = INT64_MAX;
  for (int32_t i = 0; i < setup->bottleneck_count; i++) {
    int64_t at = bottleneck_next(&setup->bottlenecks[i]);
    if (at < *time) *time = at, next = &setup->bottlenecks[i];
  }
  return next;
}

int64_t direction_next(const struct direction *direction) {
  int64_t time;
  next_bottleneck(&direction->setup, &time);
  const struct packet *first = lane_first(&direction->lane);
  return first && first->time < time ? first->time : time;
}

static void count_sent(struct direction *direction, const struct packet *packet, int64_t now) {
  struct direction_statistics *statistics = &direction->statistics;
  statistics->packets += packet->frames;
  statistics->bytes += packet->size;
  statistics->queued -= packet->frames;
  histogram_add(&statistics->delay, now - packet->arrival);
  histogram_add(&statistics->lateness, now - packet->time);
}

void direction_run(struct direction *direction, int64_t now, struct packet_list *out) {
  struct packet_list leaving = {0};
  direction->now = now;
  for (;;) {
    int64_t time;
    struct bottleneck *bottleneck = next_bottleneck(&direction->setup, &time);
    struct packet *packet = lane_first(&direction->lane);
    // A frame leaves a bottleneck before another one comes to it at the same time, and makes room.
    if (bottleneck && (!packet || time <= packet->time)) {
      if (time > now) break;
      bottleneck_run(bottleneck, &leaving);
      continue;
    }
    if (!packet || packet->time > now) break;
    lane_take(&direction->lane);
    if (packet->bottleneck < 0) packet_list_append(&leaving, packet);
    else bottleneck_take(&direction->setup.bottlenecks[packet->bottleneck], packet, &leaving);
  }
  for (struct packet *each; (each = packet_list_take(&leaving));) {
    count_sent(direction, each, now);
    packet_discharge(each);
    packet_list_append(out, each);
  }
}

void direction_shift(struct direction *direction, int64_t ns) {
  struct setup *setup = &direction->setup;
  direction->now += ns;
  lane_shift(&direction->lane, ns);
  for (int32_t i = 0; i < setup->bottleneck_count; i++) bottleneck_shift(&setup->bottlenecks[i], ns);
  for (size_t i = 0; i < setup->config->class_count; i++)
    if (setup->classes[i].delay.last_due != INT64_MIN) setup->classes[i].delay.last_due += ns;
}

// The class of this source, or NULL.
static struct class *same_class(const struct setup *setup, uint64_t mac) {
  struct class *class = find_class(setup, mac);
  return class->config->mac == mac ? class : NULL;
}

// Moves what is in the bottlenecks before to those of the same classes. Frames of other bottlenecks leave without one.
static void move_bottlenecks(struct direction *direction, struct setup *setup, int32_t *to) {
  struct setup *before = &direction->setup;
  struct packet_list leaving = {0};
  for (int32_t i = 0; i < before->bottleneck_count; i++) {
    struct bottleneck *from = &before->bottlenecks[i];
    struct class *class = same_class(setup, from->config->mac);
    to[i] = class && needs_bottleneck(class->config) ? class->bottleneck : -1;
    if (to[i] >= 0) bottleneck_move(&setup->bottlenecks[to[i]], from, direction->now, &leaving);
    else bottleneck_release(from, direction->now, &leaving);
  }
  lane_redirect(&direction->lane, to);
  for (struct packet *each; (each = packet_list_take(&leaving));) put_in_lane(direction, each, -1);
}

int direction_reconfigure(struct direction *direction, struct direction_config *config) {
  struct setup setup;
  int32_t *to = malloc(((size_t)direction->setup.bottleneck_count + 1) * sizeof *to);
  if (!to || setup_make(&setup, config, direction)) {
    free(to);
    return -1;
  }
  for (size_t i = 0; i < config->class_count; i++) {
    const struct class *before = same_class(&direction->setup, config->classes[i].mac);
    if (before) class_continue(&setup.classes[i], before);
  }
  move_bottlenecks(direction, &setup, to);
  free(to);
  setup_free(&direction->setup);
  direction_config_free(direction->setup.config);
  direction->setup = setup;
  return 0;
}

const struct direction_statistics *direction_statistics(const struct direction *direction) { return &direction->statistics; }

// Runs one direction of the wire's engine in simulated time, as the words on standard input say, and prints what became of each
// frame as JSON. It makes frames and checks checksums by itself, without the engine's code.
//
//   pool BLOCKS                            of 1 MB; before `link`
//   link …                                 as for the wire; direction a is simulated. Again: changes its configuration. Direction b
//                                          shares the pool and is never run
//   flood COUNT LENGTH                     gives direction b frames at time 0
//   send COUNT AT INTERVAL LENGTH FLOW KIND  frames from 02:00:00:00:00:FLOW, times in ns; KIND: plain, ect (ECN-capable),
//                                          partial (the checksum of UDP is left to the kernel), six (IPv6, ECN-capable),
//                                          super (as partial; to be cut into frames with 1,000 bytes of payload)
//   wake NS                                from now on the engine is only called at multiples of NS
//   run UNTIL                              simulates
//   shift NS
//   measure COUNT                          prints ns of processor time a frame, of COUNT frames of 1,514 bytes 1 µs apart
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../native-shim/wire/direction.h"

enum { TEXT = 1 << 26, MOST_FRAMES = 1 << 22, HEADERS = 14 + 40 + 8, COPIES = 3 };

enum kind { PLAIN, ECT, PARTIAL, SIX, SUPER };

struct sending {
  int64_t time;
  uint32_t number, length, flow;
  enum kind kind;
};

static struct {
  struct pool *pool;
  struct direction *direction, *flooded;
  struct sending *sendings;
  uint32_t count, next;  // `next`: the first that is not sent yet
  int64_t wake;
  int printed;
} simulation = {.wake = 1};

static _Noreturn void die(const char *text) {
  fprintf(stderr, "%s", text);
  exit(1);
}

static void put16(uint8_t *at, unsigned value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }

static unsigned fold(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (unsigned)sum;
}

static unsigned sum_of(const uint8_t *data, size_t length) {
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) sum += i % 2 ? data[i] : (unsigned)data[i] << 8;
  return fold(sum);
}

// Makes a frame of UDP whose checksums are right, or partial where `vnet` is given and its kind says so.
static void make_frame(const struct sending *sending, uint8_t *data, struct virtio_net_hdr *vnet) {
  int six = sending->kind == SIX;
  uint32_t header = six ? 40 : 20, udp = 14 + header, udp_length = sending->length - udp;
  for (uint32_t i = 0; i < sending->length; i++) data[i] = (uint8_t)(i * 7 + sending->number);
  memcpy(data, "\2\0\0\0\0\xff\2\0\0\0\0", 11);
  data[11] = (uint8_t)sending->flow;
  put16(data + 12, six ? 0x86dd : 0x0800);
  uint8_t *ip = data + 14;
  memset(ip, 0, header);
  if (six) {
    ip[0] = 0x60, ip[1] = 2 << 4;
    put16(ip + 4, udp_length);
    ip[6] = 17, ip[7] = 64, ip[8] = 0xfd, ip[23] = (uint8_t)sending->flow, ip[24] = 0xfd;
  } else {
    ip[0] = 0x45, ip[1] = sending->kind == ECT ? 2 : 0;
    put16(ip + 2, sending->length - 14);
    put16(ip + 4, sending->number);
    ip[8] = 64, ip[9] = 17, ip[12] = 10, ip[15] = (uint8_t)sending->flow, ip[16] = 10;
    put16(ip + 10, ~sum_of(ip, 20) & 0xffff);
  }
  put16(data + udp, 1000 + sending->flow);
  put16(data + udp + 2, 2000);
  put16(data + udp + 4, udp_length);
  put16(data + udp + 6, 0);
  for (int copy = 0; copy < COPIES; copy++) memcpy(data + udp + 8 + 4 * copy, &sending->number, 4);
  unsigned pseudo = fold((uint64_t)sum_of(ip + (six ? 8 : 12), six ? 32 : 8) + 17 + udp_length);
  if (vnet && (sending->kind == PARTIAL || sending->kind == SUPER)) {
    *vnet = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = (uint16_t)udp, .csum_offset = 6};
    if (sending->kind == SUPER) vnet->gso_type = 5 /* VIRTIO_NET_HDR_GSO_UDP_L4 */, vnet->gso_size = 1000;
    put16(data + udp + 6, pseudo);
  } else {
    unsigned sum = ~fold((uint64_t)pseudo + sum_of(data + udp, udp_length)) & 0xffff;
    put16(data + udp + 6, sum ? sum : 0xffff);
  }
}

static uint32_t number_of(const struct packet *packet) {
  uint32_t each[COPIES], udp = 14 + (packet->data[12] == 0x86 ? 40 : 20);
  memcpy(each, packet->data + udp + 8, sizeof each);
  return (each[0] & each[1]) | (each[1] & each[2]) | (each[0] & each[2]);
}

// [number, due, handed on, marked, differing bits], where a mark and the checksum of a marked header are not differences.
static void print_frame(const struct packet *packet, int64_t now) {
  static uint8_t made[1 << 17];
  uint32_t number = number_of(packet);
  int marked = 0, bits = 0;
  if (number >= simulation.count) die("a frame has no number");
  const struct sending *sending = &simulation.sendings[number];
  make_frame(sending, made, NULL);
  const uint8_t *ip = packet->data + 14;
  if (sending->kind == ECT && (ip[1] & 3) == 3 && sum_of(ip, 20) == 0xffff) marked = 1, made[15] = ip[1], memcpy(made + 24, ip + 10, 2);
  if (sending->kind == SIX && (ip[1] & 0x30) == 0x30) marked = 1, made[15] = ip[1];
  int is_partial = packet->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
  for (uint32_t i = 0; i < packet->length; i++)
    if (!is_partial || i / 2 != (14 + 20 + 6) / 2) bits += __builtin_popcount(packet->data[i] ^ made[i]);
  if (packet->length != sending->length) bits = -1;
  printf("%s[%u,%lld,%lld,%d,%d]", simulation.printed++ ? "," : "", number, (long long)packet->time, (long long)now, marked, bits);
}

static void run_at(int64_t now) {
  struct packet_list out = {0};
  direction_run(simulation.direction, now, &out);
  for (struct packet *each; (each = packet_list_take(&out));) {
    print_frame(each, now);
    packet_free(simulation.pool, each);
  }
}

static void take(struct direction *direction, const struct sending *sending) {
  struct packet *packet = direction_packet(direction, sending->length);
  if (!packet) return direction_count_memory_drop(direction, 1);
  make_frame(sending, packet->data, &packet->vnet);
  packet->time = sending->time;
  direction_take(direction, packet);
}

static int by_time(const void *one, const void *other) {
  const struct sending *a = one, *b = other;
  return a->time != b->time ? (a->time < b->time ? -1 : 1) : (a->number < b->number ? -1 : 1);
}

static void run(int64_t until) {
  // Frames are numbered in the order in which they are sent.
  struct sending *first = simulation.sendings + simulation.next;
  qsort(first, simulation.count - simulation.next, sizeof *first, by_time);
  for (uint32_t i = simulation.next; i < simulation.count; i++) simulation.sendings[i].number = i;
  for (;;) {
    int64_t event = direction_next(simulation.direction);
    if (event != INT64_MAX) event = (event + simulation.wake - 1) / simulation.wake * simulation.wake;
    int64_t send = simulation.next < simulation.count ? simulation.sendings[simulation.next].time : INT64_MAX;
    if (event > until && send > until) break;
    if (send <= event) take(simulation.direction, &simulation.sendings[simulation.next++]);
    else run_at(event);
  }
  run_at(until);
}

static int64_t cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static double measure(int64_t count) {
  struct sending sending = {.length = 1514, .flow = 1};
  struct packet_list out = {0};
  int64_t begin = cpu_ns();
  for (int64_t i = 0; i < count; i++) {
    struct packet *packet = direction_packet(simulation.direction, sending.length);
    if (!packet) die("the pool is full");
    memcpy(packet->data + 6, "\2\0\0\0\0\1", 6);
    packet->time = i * 1000;
    direction_take(simulation.direction, packet);
    direction_run(simulation.direction, i * 1000, &out);
    for (struct packet *each; (each = packet_list_take(&out));) packet_free(simulation.pool, each);
  }
  return (double)(cpu_ns() - begin) / (double)count;
}

static void print_percentiles(const char *name, const struct histogram *histogram) {
  printf(",\"%s\":{\"count\":%llu,\"p50\":%lld,\"p90\":%lld,\"p99\":%lld,\"max\":%lld}", name,
         (unsigned long long)histogram->count, (long long)histogram_percentile(histogram, 0.5),
         (long long)histogram_percentile(histogram, 0.9), (long long)histogram_percentile(histogram, 0.99),
         (long long)histogram->max);
}

static void print_statistics(const struct direction *direction) {
  const struct direction_statistics *of = direction_statistics(direction);
  printf("{\"packets\":%llu,\"bytes\":%llu,\"loss\":%llu,\"queue\":%llu,\"aqm\":%llu,\"memory\":%llu,"
         "\"duplicated\":%llu,\"corrupted\":%llu,\"reordered\":%llu,\"marked\":%llu,\"queued\":%llu",
         (unsigned long long)of->packets, (unsigned long long)of->bytes, (unsigned long long)of->drops.loss,
         (unsigned long long)of->drops.queue, (unsigned long long)of->drops.aqm, (unsigned long long)of->drops.memory,
         (unsigned long long)of->duplicated, (unsigned long long)of->corrupted, (unsigned long long)of->reordered,
         (unsigned long long)of->marked, (unsigned long long)of->queued);
  print_percentiles("delay", &of->delay);
  print_percentiles("lateness", &of->lateness);
  printf("}");
}

static int64_t number(struct words *words) {
  char error[WORDS_ERROR];
  int64_t read;
  if (words_integer(words, "a word of the simulation", INT64_MIN, INT64_MAX, &read, error)) die("a number is missing");
  return read;
}

static void plan(struct words *words) {
  int64_t count = number(words), at = number(words), interval = number(words), length = number(words), flow = number(words);
  const char *kind = words_next(words);
  static const char *const kinds[] = {"plain", "ect", "partial", "six", "super"};
  struct sending sending = {.length = (uint32_t)length, .flow = (uint32_t)flow};
  for (int i = 0; i < 5; i++)
    if (kind && !strcmp(kind, kinds[i])) sending.kind = (enum kind)i;
  if (length < HEADERS + 4 * COPIES || simulation.count + count > MOST_FRAMES) die("frames are too short, or too many");
  for (int64_t i = 0; i < count; i++) {
    sending.time = at + i * interval;
    sending.number = simulation.count;
    simulation.sendings[simulation.count++] = sending;
  }
}

static void flood(int64_t count, uint32_t length) {
  struct sending sending = {.length = length, .flow = 1};
  for (int64_t i = 0; i < count; i++) take(simulation.flooded, &sending);
}

static void configure(struct words *words) {
  char error[WORDS_ERROR];
  struct link_config link;
  if (link_config_read(words, &link, error)) die(error);
  struct direction **directions[] = {&simulation.direction, &simulation.flooded};
  for (int side = 0; side < 2; side++) {
    if (!*directions[side]) *directions[side] = direction_new(simulation.pool, link.directions[side]);
    else if (direction_reconfigure(*directions[side], link.directions[side])) die("no memory");
    link.directions[side] = NULL;
  }
  link_config_free(&link);
}

int main(void) {
  char *text = malloc(TEXT);
  size_t length = text ? fread(text, 1, TEXT, stdin) : 0;
  struct words words = {.at = text, .end = text + length};
  simulation.sendings = malloc(MOST_FRAMES * sizeof *simulation.sendings);
  double measured = 0;
  size_t pool = 512;
  int has_begun = 0;
  for (const char *word; (word = words_next(&words));) {
    if (!strcmp(word, "pool")) pool = (size_t)number(&words);
    if (!simulation.pool) simulation.pool = pool_new(pool << 20);
    if (!strcmp(word, "link")) {
      configure(&words);
      if (!has_begun++) printf("{\"frames\":[");
    } else if (!strcmp(word, "send")) plan(&words);
    else if (!strcmp(word, "wake")) simulation.wake = number(&words);
    else if (!strcmp(word, "run")) run(number(&words));
    else if (!strcmp(word, "flood")) {
      int64_t count = number(&words);
      flood(count, (uint32_t)number(&words));
    } else if (!strcmp(word, "measure")) measured = measure(number(&words));
    else if (!strcmp(word, "shift")) direction_shift(simulation.direction, number(&words));
    else if (strcmp(word, "pool")) die("an unknown word");
  }
  printf("],\"sent\":[");
  for (uint32_t i = 0; i < simulation.next; i++)
    printf("%s[%lld,%u]", i ? "," : "", (long long)simulation.sendings[i].time, simulation.sendings[i].flow);
  printf("],\"nsPerFrame\":%.1f,\"statistics\":", measured);
  print_statistics(simulation.direction);
  printf(",\"flooded\":");
  print_statistics(simulation.flooded);
  printf("}\n");
  direction_free(simulation.direction);
  direction_free(simulation.flooded);
  pool_free(simulation.pool);
  free(simulation.sendings);
  free(text);
  return 0;
}

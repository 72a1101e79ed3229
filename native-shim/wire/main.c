// The process of a wire: waits for frames, for the time at which the next one is due, for requests and for changes of the ends.
#define _GNU_SOURCE
#include "main.h"

#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "../keeper_wire.h"
#include "../process.h"
#include "../report.h"
#include "carrier.h"
#include "frame.h"
#include "punctual.h"
#include "request.h"
#include "wire.h"

enum {
  // Frames that are taken from the rings before due ones are sent.
  BATCH = 256,
  // Memory for frames on their way, in bytes, and as a part of the machine's.
  POOL_MOST = 512 << 20,
  POOL_PART = 8,
  // What is polled.
  POLLED_SMALL = 0,
  POLLED_LARGE,
  POLLED_NEWS,
  POLLED_CONTROL,
  POLLED,
};

// In ns. While frames come without a pause, requests and news wait for so long at most.
static const int64_t LONGEST_TURN = 2000000;
// A frame that seems to have come in earlier has a time from before the machine's clock was set.
static const int64_t OLDEST_FRAME = 1000000000;

static int64_t now_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int64_t wire_now(void) { return now_of(CLOCK_MONOTONIC); }

// CLOCK_MONOTONIC minus CLOCK_REALTIME. A process that loses the processor between two readings reads once more.
static int64_t clock_difference(void) {
  enum { ATTEMPTS = 4, LONGEST = 5000 };
  int64_t before = 0, real = 0, after = 0;
  for (int i = 0; i < ATTEMPTS; i++) {
    before = wire_now(), real = now_of(CLOCK_REALTIME), after = wire_now();
    if (after - before < LONGEST) break;
  }
  return (before + after) / 2 - real;
}

static void take(struct wire *wire, const struct frame *frame, int64_t arrival) {
  struct end *end = links_end(&wire->links, frame->interface);
  if (!end) return;
  if (end->is_plain && end->next == INT64_MAX) {
    sender_add(&wire->sender, end, &frame->vnet, frame->data, frame->length);
    return;
  }
  struct packet *packet = direction_packet(end->direction, frame->length);
  if (!packet) {
    direction_count_memory_drop(end->direction, frame_size(&frame->vnet, frame->data, frame->length).frames);
    return;
  }
  memcpy(packet->data, frame->data, frame->length);
  packet->vnet = frame->vnet, packet->time = arrival;
  direction_take(end->direction, packet);
  schedule_update(&wire->schedule, end);
}

// Takes frames from the rings, up to BATCH. Returns how many.
static int take_frames(struct wire *wire, int64_t *now) {
  struct frame frame;
  int64_t difference = clock_difference();
  int count = 0;
  for (; count < BATCH && rings_next(&wire->rings, &frame); count++) {
    int64_t arrival = frame.time + difference;
    if (arrival > *now) *now = wire_now();
    if (arrival > *now || arrival < *now - OLDEST_FRAME) arrival = *now;
    if (arrival < wire->not_before) arrival = wire->not_before;
    take(wire, &frame, arrival);
  }
  return count;
}

static void send_due(struct wire *wire, int64_t now) {
  for (struct end *end; (end = schedule_first(&wire->schedule)) && end->next <= now;) {
    struct packet_list out = {.first = NULL};
    direction_run(end->direction, now, &out);
    schedule_update(&wire->schedule, end);
    for (struct packet *packet; (packet = packet_list_take(&out));) sender_add_packet(&wire->sender, end, packet);
  }
}

// Carries frames until there is nothing to do, or other things have waited long enough. Returns whether frames are left.
static int carry(struct wire *wire) {
  int64_t now = wire_now(), end = now + LONGEST_TURN;
  for (;;) {
    int count = take_frames(wire, &now);
    send_due(wire, now);
    sender_flush(&wire->sender);
    rings_release(&wire->rings);
    if (count == 0) return 0;
    now = wire_now();
    if (now >= end) return 1;
  }
}

static void read_news(struct wire *wire) {
  int index, got;
  while ((got = interfaces_next(&wire->interfaces, &index)) > 0) {
    struct end *end = links_end(&wire->links, index);
    if (end) carrier_follow(&wire->interfaces, end->link);
  }
  for (size_t i = 0; got < 0 && i < wire->links.count; i++)
    carrier_follow(&wire->interfaces, wire->links.list[i]);
}

// When the process must wake up, in ns of CLOCK_MONOTONIC; INT64_MAX for never.
static int64_t next_time(const struct wire *wire) {
  const struct end *first = wire->is_paused ? NULL : schedule_first(&wire->schedule);
  int64_t next = first ? first->next : INT64_MAX;
  return next < wire->control.deadline ? next : wire->control.deadline;
}

static void wait_for_work(struct wire *wire, int is_busy) {
  // A negative descriptor is not polled.
  struct pollfd polled[POLLED] = {
      [POLLED_SMALL] = {wire->is_paused ? -1 : wire->rings.small.fd, POLLIN, 0},
      [POLLED_LARGE] = {wire->is_paused ? -1 : wire->rings.large.fd, POLLIN, 0},
      [POLLED_NEWS] = {wire->interfaces.events, POLLIN, 0},
      [POLLED_CONTROL] = control_poll(&wire->control),
  };
  int64_t next = next_time(wire), rest = is_busy ? 0 : next - wire_now();
  struct timespec timeout = {rest > 0 ? rest / 1000000000 : 0, rest > 0 ? rest % 1000000000 : 0};
  if (ppoll(polled, POLLED, next == INT64_MAX && !is_busy ? NULL : &timeout, NULL) < 0) return;
  if (polled[POLLED_NEWS].revents) read_news(wire);
  int64_t now = wire->control.client >= 0 || polled[POLLED_CONTROL].revents ? wire_now() : 0;
  if (polled[POLLED_CONTROL].revents || now >= wire->control.deadline) control_serve(wire, now);
}

// Enters the namespaces that the wire was given, as root of them, without rights elsewhere.
static void enter(int netns) {
  static const char *const what = "the wire's namespaces";
  int user = ioctl(netns, NS_GET_USERNS);
  if (user < 0 || setns(user, CLONE_NEWUSER) || setns(netns, CLONE_NEWNET)) fail(STEP_JOIN_NAMESPACES, "join", what);
  close(user), close(netns);
  become_root("the wire");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail(STEP_BECOME_ROOT, "give up new privileges of", "the wire");
}

static size_t pool_bytes(void) {
  size_t part = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / POOL_PART;
  return part < POOL_MOST ? part : POOL_MOST;
}

// Configures the links as the process before this one had them.
static void go_on(struct wire *wire) {
  struct text words = {.bytes = NULL}, answer = {.bytes = NULL};
  saved_read(&wire->saved, &words);
  wire->is_restoring = 1;
  if (words.length > 0) request_run(wire, words.bytes, words.length, &answer);
  wire->is_restoring = 0;
  text_free(&words), text_free(&answer);
}

void wire_main(const char *lab, const int *fds, int restarts, int is_last) {
  char title[96];
  int kept[WIRE_FDS];
  memcpy(kept, fds, sizeof kept);
  reset_signals();
  keep_only(kept, WIRE_FDS);
  snprintf(title, sizeof title, "nslab: %s wire", lab);
  set_title(title);
  enter(fds[WIRE_NETNS]);
  punctual_become();
  struct wire wire = {.control = CONTROL_IDLE(fds[WIRE_LISTENER]), .saved = {.files = fds + WIRE_SPECS},
                      .restarts = restarts};
  interfaces_open(&wire.interfaces);
  if (restarts > 0) interfaces_set_all_down(&wire.interfaces);
  if (is_last) _exit(0);
  wire.pool = pool_new(pool_bytes());
  if (!wire.pool) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "frames");
  sender_open(&wire.sender, wire.pool);
  rings_open(&wire.rings);
  go_on(&wire);
  for (;;) wait_for_work(&wire, wire.is_paused ? 0 : carry(&wire));
}

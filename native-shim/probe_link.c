// The verb `probe-link`: sends frames from interfaces to interfaces, paced exactly, and reports which arrive and when. What
// that says about a link, the caller works out.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "namespaces.h"
#include "probe_link_sockets.h"
#include "process.h"
#include "report.h"
#include "verbs.h"

enum {
  SECOND = 1000000000,
  // After the sockets are open: the kernel begins to take times of arrival a moment after somebody has asked for them, and frames
  // that are received before that have the time at which they were read.
  WARM_UP = 20000000,
  NICE = -10,
  READ_EVERY = 2000000,    // ns between two looks at the rings
  CATCH_UP_MOST = 10000000, // a flood that is later than that, because this process did not run, leaves frames out
  FLOOD_GRAIN = 100000,     // frames of a flood that are due within this time are sent together
};

static struct {
  struct probe_spec spec;
  int *heap;  // paths that have frames to send, the one that is due first in front
  int heap_count;
  volatile sig_atomic_t stopped;
} run;

static int64_t clock_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

static int64_t due_of(int at) { return run.spec.paths[run.heap[at]].due; }

static void swap(int a, int b) {
  int path = run.heap[a];
  run.heap[a] = run.heap[b], run.heap[b] = path;
}

// Puts the first path of the heap where its time belongs.
static void sink(void) {
  for (int at = 0, child; (child = 2 * at + 1) < run.heap_count; at = child) {
    if (child + 1 < run.heap_count && due_of(child + 1) < due_of(child)) child++;
    if (due_of(at) <= due_of(child)) return;
    swap(at, child);
  }
}

// Paths with one interval send one after the other, and not all at one time.
static void schedule(int64_t start) {
  run.heap = malloc(sizeof *run.heap * (size_t)(run.spec.path_count + 1));
  if (!run.heap) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "paths");
  for (int i = 0; i < run.spec.path_count; i++) {
    struct path *path = &run.spec.paths[i];
    path->due = start + path->interval * i / run.spec.path_count;
    int at = run.heap_count++;
    run.heap[at] = i;
    for (; at > 0 && due_of(at) < due_of((at - 1) / 2); at = (at - 1) / 2) swap(at, (at - 1) / 2);
  }
}

// Writes the arrivals of a path that have not been reported, 12 bytes each, as README.md says.
static void report_arrivals(struct path *path) {
  char hex[RECORDS_MAX * 24 + 1], *at = hex;
  if (path->arrival_count == 0) return;
  for (int i = 0; i < path->arrival_count; i++) {
    const struct arrival *arrival = &path->arrivals[i];
    at += sprintf(at, "%08x%016llx", arrival->sequence | (arrival->is_changed ? 1U << 31 : 0),
                  (unsigned long long)arrival->delay_ns);
  }
  report_line("{\"path\":%d,\"arrivals\":\"%s\"}", (int)(path - run.spec.paths), hex);
  path->arrival_count = 0;
}

static void arrived(struct path *path, uint32_t sequence, int64_t at, int is_changed) {
  if (!path->is_flood) {
    path->arrivals[path->arrival_count++] = (struct arrival){sequence, is_changed, at - path->sent[sequence]};
    if (path->arrival_count == RECORDS_MAX) report_arrivals(path);
    return;
  }
  int64_t since = at - path->began, whole = path->interval * path->count + run.spec.wait;
  int bin = since < 0 ? 0 : since >= whole ? BINS - 1 : (int)((double)since * BINS / (double)whole);
  path->bins[bin].frames++, path->bins[bin].last = since;
}

static void read_rings(void) {
  for (int i = 0; i < run.spec.place_count; i++) probe_receive(&run.spec, &run.spec.places[i], arrived);
}

// Sends the next frame of the path that is due first. `now` is CLOCK_MONOTONIC.
static void send_next(int64_t now) {
  struct path *path = &run.spec.paths[run.heap[0]];
  uint32_t sequence = path->next++;
  path->sent[sequence] = clock_ns(CLOCK_REALTIME);
  if (!path->began) path->began = path->sent[sequence];
  int error = probe_send(&run.spec, path, sequence);
  // The first comes from the queue of the interface, or from nftables: the frame is lost. The others mean that the socket's buffer
  // has no room, and that there was no frame.
  if (error == ENOBUFS) path->dropped++;
  else if (error == EAGAIN || error == ENOMEM) path->refused++, path->sent[sequence] = 0;
  else if (error) path->error = error, path->next--;
  path->due += path->interval;
  // Frames of a flood that could not be sent in time are left out. Others never come closer to each other than half an interval.
  if (path->is_flood && path->due < now - CATCH_UP_MOST) path->due = now;
  if (!path->is_flood && path->due < now + path->interval / 2) path->due = now + path->interval / 2;
  int is_over = path->is_flood && path->sent[sequence] - path->began > path->interval * path->count;
  if (path->next == path->count || path->error || is_over) run.heap[0] = run.heap[--run.heap_count];
  sink();
}

static void stop(int signal) {
  (void)signal;
  run.stopped = 1;
}

static void sleep_until(int64_t time) {
  struct timespec at = {.tv_sec = time / SECOND, .tv_nsec = time % SECOND};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

// Sends all frames and reads those that arrive, until the time to wait after the last one is over.
static void run_paths(void) {
  int64_t now = clock_ns(CLOCK_MONOTONIC), read_at = now, end = 0;
  while (!end || now < end) {
    if (run.stopped) run.heap_count = 0;
    if (run.heap_count == 0 && !end) end = now + run.spec.wait;
    int64_t next = end ? end : due_of(0);
    if (next <= now && !end) {
      send_next(now);
    } else if (now - read_at < READ_EVERY && next > now + READ_EVERY) {
      sleep_until(now + READ_EVERY);
    } else if (next > now) {
      sleep_until(!end && run.spec.paths[run.heap[0]].is_flood ? next + FLOOD_GRAIN : next);
    }
    now = clock_ns(CLOCK_MONOTONIC);
    if (now - read_at >= READ_EVERY) read_rings(), read_at = now;
  }
  read_rings();
}

static void report_bins(const struct path *path) {
  char text[3600] = "";
  int used = 0;
  for (int i = 0; i < BINS; i++)
    if (path->bins[i].frames)
      used += snprintf(text + used, sizeof text - (size_t)used, "%s[%u,%lld]", used ? "," : "", path->bins[i].frames,
                       (long long)path->bins[i].last);
  report_line("{\"path\":%d,\"bins\":[%s]}", (int)(path - run.spec.paths), text);
}

static void report_refused(const struct path *path) {
  for (uint32_t i = 0; i < path->next; i++)
    if (!path->sent[i]) report_line("{\"path\":%d,\"refused\":%u}", (int)(path - run.spec.paths), i);
}

static void report_path(struct path *path) {
  if (path->is_flood) report_bins(path);
  else report_arrivals(path), report_refused(path);
  report_line("{\"path\":%d,\"length\":%d,\"sent\":%u,\"dropped\":%u,\"refused\":%u,\"overrun\":%u,\"errno\":%d}", (int)(path - run.spec.paths),
              path->length, path->next, path->dropped, path->refused, run.spec.places[path->to].overrun, path->error);
}

void verb_probe_link(const struct options *options) {
  if (options->keeper <= 0 || !options->start_time) usage("probe-link needs --keeper and --start-time");
  pid_t caller = getppid();
  die_with_parent(caller);
  // On a busy machine, so that frames are sent in time. An ordinary user may not have it, and measures with what there is.
  (void)setpriority(PRIO_PROCESS, 0, NICE);
  probe_spec_read(&run.spec);
  raise_file_limit();
  join_keeper_user(options->keeper, options->start_time, caller);
  probe_sockets_open(&run.spec);
  report_in_blocks();
  sigaction(SIGINT, &(struct sigaction){.sa_handler = stop}, NULL);
  // clock_nanosleep(2) otherwise wakes up to 50 us later (prctl(2)).
  prctl(PR_SET_TIMERSLACK, 1UL);
  schedule(clock_ns(CLOCK_MONOTONIC) + WARM_UP);
  if (run.spec.path_count > 0) run_paths();
  for (int i = 0; i < run.spec.place_count; i++) probe_count_overrun(&run.spec.places[i]);
  for (int i = 0; i < run.spec.path_count; i++) report_path(&run.spec.paths[i]);
  report_flush();
}

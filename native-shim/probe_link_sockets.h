// The packet sockets of the verb `probe-link`, and what its frames look like.
#pragma once
#include "probe_link_spec.h"

// Opens the sockets of all paths, each in the network namespace of its process, and makes their frames. Fails when an interface
// is not there.
void probe_sockets_open(struct probe_spec *spec);
// Sends the frame of this number. Returns 0, or the errno.
int probe_send(const struct probe_spec *spec, struct path *path, uint32_t sequence);
// Calls `arrived` for each frame of this run that has come to a place, in the order of arrival. `at` is CLOCK_REALTIME in ns,
// `is_changed` whether a byte is not what was sent.
void probe_receive(struct probe_spec *spec, struct place *place,
                   void (*arrived)(struct path *path, uint32_t sequence, int64_t at, int is_changed));
// Adds the frames that found no room in the place's ring to `overrun`.
void probe_count_overrun(struct place *place);

// Time namespaces, whose clocks have offsets of their own: time_namespaces(7).
#pragma once

// Moves the calling process, which must have one thread, into a new time namespace. Each offset is a line of
// timens_offsets: `CLOCK SECONDS NANOSECONDS`.
void time_namespace_make(const char *const *offsets, int count);

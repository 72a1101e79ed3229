// Has the kernel refuse one netlink request: it is sent as one that does nothing, and the answer says otherwise.
#pragma once
#include "tracees.h"

// What a tracee sends is looked through when it enters the call. `meet` is told of each request, by its name, and says
// whether that is the one.
void refuse_at_entry(struct tracee *tracee, int (*meet)(const struct tracee *, const char *object));
// When it leaves the call: what it sent is as it was, and in what it received the answer is replaced.
void refuse_at_exit(struct tracee *tracee, long result, int error);

// System calls by name, and what each is about, in words that are the same in every run.
#pragma once
#include <stddef.h>

#include "tracees.h"

const char *call_name(int number);
// -1 for a name that no system call has.
int call_number(const char *name);
// The path, the open file, or the operation of the call that a tracee enters. Each run of digits is one `#`,
// and a file that may be made has ` made` behind it.
void call_object(const struct tracee *tracee, char *object, size_t room);
// Reads memory of a tracee. Returns how much of it there was.
size_t read_memory(pid_t pid, unsigned long at, void *bytes, size_t length);

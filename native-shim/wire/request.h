// Requests to a wire (README.md, "wire").
#pragma once
#include "text.h"

struct wire;

// Does what the words ask for, and appends the answer as JSON lines. Of a request that it refuses, it does nothing.
void request_run(struct wire *wire, const char *words, size_t length, struct text *answer);

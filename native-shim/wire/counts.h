// What a wire has counted, as JSON lines (README.md, "wire").
#pragma once
#include "text.h"

struct wire;

void counts_print(struct wire *wire, struct text *answer);

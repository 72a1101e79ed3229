// The words of one class of frames, such as `delay 10000000`.
#pragma once
#include "config.h"

// Reads words up to the first one that is not part of a class. Returns 0; or -1 with a text for people in `error`, and then what
// was read stays for class_config_free.
int class_config_read(struct words *words, struct class_config *config, char error[WORDS_ERROR]);
void class_config_free(struct class_config *config);

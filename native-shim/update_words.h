// The words of the verb `update` (README.md).
#pragma once
#include <sys/types.h>

#include "spec.h"

// A node, and its first process.
struct update_node {
  const char *name;
  pid_t pid;
  unsigned long long started;
};

// Reads texts that nodes have in common, and the word of the next node. Returns 0 at the end.
int update_words_next(struct spec *spec, struct update_node *node);
// Reads over the words of a node, and refuses those that do not exist.
void update_words_skip(struct spec *spec);
// Finds out what the machine has at paths that words of the node name. To be called in the machine's mount namespace.
void update_words_look(const struct spec *spec);
// Does what the words of a node say. To be called in the node.
void update_words_run(struct spec *spec);

// What a node's spec asks for in its mounts, files and sysctls: read once into a list of operations, which the node's
// first process runs. How each operation is done is in contents.h and files.h.
#pragma once
#include "spec.h"

// The phases are run in this order. Within a phase, operations are run in the order of the spec's words.
enum phase {
  PHASE_CONTENTS,  // owner, mount, tmpfs, write, copy
  PHASE_SYSCTLS,   // sysctl, try-sysctl: in one go, since writing some sysctls sets others
  PHASES,
};

struct operation;

// The operations of one node. The list is a mapping that is used again for the next node.
struct operations {
  struct operation *list;
  size_t count, room;
};

// Forgets the operations of the node before.
void operations_clear(struct operations *operations);
// When `word` is the word of an operation, reads its arguments, adds it to the list and returns 1; else returns 0.
int operations_read(struct operations *operations, struct spec *spec, const char *word);
// Copies the mounts that operations will attach. Done before the node is cloned, as the caller and in the mount
// namespace that the node's is copied from, since a source may be out of the node's reach. `node` is its name, for a
// failure.
void operations_copy_sources(struct operations *operations, const char *node);
// Closes those copies, in the process that made them.
void operations_close_sources(const struct operations *operations);
// Runs the operations of a phase, in the node.
void operations_run(const struct operations *operations, enum phase phase);
// Unmaps the list, so that the node keeps no page of it.
void operations_free(struct operations *operations);

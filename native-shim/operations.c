#define _GNU_SOURCE
#include "operations.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "contents.h"
#include "files.h"
#include "own_directory.h"
#include "report.h"

// The list begins with room for 64 operations, which need a page, and doubles. A node may have 128 sources, since each
// is an open file of the caller until the node is cloned.
enum { FIRST_ROOM = 64, SOURCES_MAX = 128, ARGUMENTS_MAX = 4, NO_TREE = -1 };

enum operation_type {
  OPERATION_MOUNT,
  OPERATION_TMPFS,
  OPERATION_WRITE,
  OPERATION_COPY,
  OPERATION_OWNER,
  OPERATION_SYSCTL,
  OPERATION_TRY_SYSCTL,
};

static const struct {
  const char *word;
  int argument_count;
  enum phase phase;
  int has_source;  // whether the first argument is a path of the machine that is attached in the node
  int has_target;  // whether the argument after that is a path in the node
} TYPES[] = {
    [OPERATION_MOUNT] = {"mount", 3, PHASE_CONTENTS, 1, 1},
    [OPERATION_TMPFS] = {"tmpfs", 2, PHASE_CONTENTS, 0, 1},
    [OPERATION_WRITE] = {"write", 4, PHASE_CONTENTS, 0, 1},
    [OPERATION_COPY] = {"copy", 2, PHASE_CONTENTS, 1, 1},
    [OPERATION_OWNER] = {"owner", 2, PHASE_CONTENTS, 0, 1},
    [OPERATION_SYSCTL] = {"sysctl", 2, PHASE_SYSCTLS, 0, 0},
    [OPERATION_TRY_SYSCTL] = {"try-sysctl", 2, PHASE_SYSCTLS, 0, 0},
};

struct operation {
  enum operation_type type;
  int tree;  // descriptor of the copy of its source (open_tree(2)); NO_TREE without
  const char *arguments[ARGUMENTS_MAX];
};

void operations_clear(struct operations *operations) { operations->count = 0; }

static void grow(struct operations *operations) {
  size_t room = operations->room ? operations->room * 2 : FIRST_ROOM, size = sizeof *operations->list;
  void *list = operations->list
                   ? mremap(operations->list, operations->room * size, room * size, MREMAP_MAYMOVE)
                   : mmap(NULL, room * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (list == MAP_FAILED) fail(STEP_ALLOCATE_MEMORY, "allocate memory", "operations");
  operations->list = list, operations->room = room;
}

int operations_read(struct operations *operations, struct spec *spec, const char *word) {
  size_t type = 0, types = sizeof TYPES / sizeof *TYPES;
  while (type < types && strcmp(word, TYPES[type].word)) type++;
  if (type == types) return 0;
  if (operations->count == operations->room) grow(operations);
  struct operation *operation = &operations->list[operations->count++];
  *operation = (struct operation){.type = (enum operation_type)type, .tree = NO_TREE};
  for (int i = 0; i < TYPES[type].argument_count; i++) operation->arguments[i] = spec_argument(spec, word);
  const char *target = operation->arguments[TYPES[type].has_source];
  if (TYPES[type].has_target && *target != '/') fail_with(STEP_READ_SPEC, EINVAL, "take as a path in the node", target);
  return 1;
}

// In the order in which the copies are attached, so that of several sources that are missing, the same one is reported.
void operations_copy_sources(struct operations *operations, const char *node) {
  int count = 0;
  for (enum phase phase = 0; phase < PHASES; phase++)
    for (size_t i = 0; i < operations->count; i++) {
      struct operation *each = &operations->list[i];
      if (TYPES[each->type].phase != phase || !TYPES[each->type].has_source) continue;
      if (count++ == SOURCES_MAX) fail_with(STEP_COPY_MOUNT, E2BIG, "mount one more in", node);
      each->tree = contents_open(each->arguments[0]);
    }
}

void operations_close_sources(const struct operations *operations) {
  for (size_t i = 0; i < operations->count; i++)
    if (operations->list[i].tree != NO_TREE) close(operations->list[i].tree);
}

static void run(const struct operation *operation) {
  const char *const *arguments = operation->arguments;
  switch (operation->type) {
    case OPERATION_MOUNT: contents_mount(operation->tree, arguments[1], !strcmp(arguments[2], "ro")); break;
    case OPERATION_TMPFS: contents_tmpfs(arguments[0], arguments[1]); break;
    case OPERATION_WRITE: contents_write(arguments[0], arguments[1], arguments[2], arguments[3]); break;
    case OPERATION_COPY: contents_copy(operation->tree, arguments[1]); break;
    case OPERATION_OWNER: own_directory_owner(arguments[0], arguments[1]); break;
    case OPERATION_SYSCTL: files_sysctl(arguments[0], arguments[1]); break;
    case OPERATION_TRY_SYSCTL: files_try_sysctl(arguments[0], arguments[1]); break;
    default: break;
  }
}

void operations_run(const struct operations *operations, enum phase phase) {
  for (size_t i = 0; i < operations->count; i++)
    if (TYPES[operations->list[i].type].phase == phase) run(&operations->list[i]);
}

void operations_free(struct operations *operations) {
  if (operations->list) munmap(operations->list, operations->room * sizeof *operations->list);
  *operations = (struct operations){.list = NULL};
}

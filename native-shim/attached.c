#define _GNU_SOURCE
#include "attached.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mounts.h"
#include "report.h"
#include "scope.h"

enum { ATTACHED_MAX = 2048, NO_TREE = -1 };

// The mounts that exist so far. While a new mount is put over a directory, `tree` is a copy of a mount below it.
static struct attached {
  char *path;
  int tree;
} attached[ATTACHED_MAX];
static int attached_count;

static char *real_path(const char *path) {
  char *real = realpath(path, NULL);
  if (!real) fail(STEP_FIND_TARGET, "find", path);
  return real;
}

void attached_remember(const char *target) {
  if (attached_count == ATTACHED_MAX) fail_with(STEP_ATTACH_MOUNT, E2BIG, "mount one more at", target);
  attached[attached_count++] = (struct attached){.path = real_path(target), .tree = NO_TREE};
}

void attached_add(int tree, const char *target) {
  if (mounts_attach(tree, target)) fail(STEP_ATTACH_MOUNT, "mount at", target);
  attached_remember(target);
}

static int is_below(const char *path, const char *directory) {
  size_t length = strlen(directory);
  return !strncmp(path, directory, length) && path[length] == '/';
}

// Whether a mount lies below another mount that itself lies below the directory: the copy of that one contains it.
static int is_in_another_copy(const struct attached *one, const char *directory) {
  for (struct attached *each = attached; each < attached + attached_count; each++)
    if (is_below(each->path, directory) && is_below(one->path, each->path)) return 1;
  return 0;
}

// A mount whose path is missing is hidden already, by a mount that came after it.
void attached_copy_below(const char *directory) {
  SCOPED_FREE char *real = real_path(directory);
  for (struct attached *each = attached; each < attached + attached_count; each++)
    if (is_below(each->path, real) && !is_in_another_copy(each, real)) {
      each->tree = mounts_copy(each->path);
      if (each->tree < 0 && !mounts_path_is_missing()) fail(STEP_COPY_MOUNT, "open", each->path);
    }
}

void attached_put_back(void) {
  for (struct attached *each = attached; each < attached + attached_count; each++) {
    if (each->tree == NO_TREE) continue;
    if (mounts_attach(each->tree, each->path)) fail(STEP_ATTACH_MOUNT, "mount at", each->path);
    close(each->tree), each->tree = NO_TREE;
  }
}

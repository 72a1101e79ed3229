#define _GNU_SOURCE
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>

#include "report.h"

static int directory = -1;

void scratch_open(void) {
  directory = open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(STEP_MOUNT_RUN, "open", "/run");
}

const char *scratch_path(const char *name, char path[SCRATCH_PATH]) {
  snprintf(path, SCRATCH_PATH, "/proc/self/fd/%d/%s", directory, name);
  return path;
}

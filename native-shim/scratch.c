#define _GNU_SOURCE
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "report.h"

static int directory = -1;
static unsigned count;

void scratch_open(void) {
  if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")) fail(STEP_MOUNT_RUN, "mount", "/run");
  directory = open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(STEP_MOUNT_RUN, "open", "/run");
  if (mkdir("/run/run", 0755) || mount("/run/run", "/run", NULL, MS_BIND, NULL)) fail(STEP_MOUNT_RUN, "mount", "/run");
}

const char *scratch_path(char path[SCRATCH_PATH]) {
  snprintf(path, SCRATCH_PATH, "/proc/self/fd/%d/%u", directory, count++);
  return path;
}

const char *scratch_directory(const char *target, char path[SCRATCH_PATH]) {
  if (mkdir(scratch_path(path), 0755)) fail(STEP_MOUNT_SCRATCH, "make a directory for", target);
  return path;
}

#define _GNU_SOURCE
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static int directory = -1;

void scratch_open(void) {
  directory = open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(STEP_MOUNT_RUN, "open", "/run");
}

const char *scratch_mounted_path(const char *name, char path[SCRATCH_PATH]) {
  snprintf(path, SCRATCH_PATH, "/proc/self/fd/%d/.scratch%s", directory, name);
  return path;
}

void scratch_mount(const char *target) {
  char path[SCRATCH_PATH];
  scratch_mounted_path("", path);
  if (mkdir(path, 0700) || mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"))
    fail(STEP_MOUNT_SCRATCH, "mount a scratch tmpfs for", target);
}

void scratch_unmount(const char *target) {
  char path[SCRATCH_PATH];
  scratch_mounted_path("", path);
  if (umount2(path, MNT_DETACH) || rmdir(path)) fail(STEP_MOUNT_SCRATCH, "unmount the scratch tmpfs for", target);
}

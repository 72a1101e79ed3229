#define _GNU_SOURCE
#include "machine_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "proc.h"
#include "report.h"
#include "scope.h"

static dev_t *devices;
static size_t device_count, device_room;

static int is_of_machine(dev_t device) {
  for (size_t i = 0; i < device_count; i++)
    if (devices[i] == device) return 1;
  return 0;
}

static void remember(dev_t device) {
  if (is_of_machine(device)) return;
  if (device_count == device_room) {
    device_room = device_room ? device_room * 2 : 64;
    devices = realloc(devices, device_room * sizeof *devices);
    if (!devices) fail(STEP_ALLOCATE_MEMORY, "allocate memory for", "the mounts of the machine");
  }
  devices[device_count++] = device;
}

static FILE *open_mounts(const char *path) {
  int fd = proc_open(path, O_RDONLY);
  FILE *mounts = fd < 0 ? NULL : fdopen(fd, "r");
  if (!mounts) fail(STEP_OWN_FILE, "read", path);
  return mounts;
}

// Reads the next line of a mountinfo file (proc_pid_mountinfo(5)). Returns 0 at the end.
static int next_mount(FILE *mounts, int *id, dev_t *device) {
  static char *line;
  static size_t room;
  unsigned first, second;
  if (getline(&line, &room, mounts) < 0) return 0;
  if (sscanf(line, "%d %*d %u:%u", id, &first, &second) != 3) fail_with(STEP_OWN_FILE, EBADMSG, "understand", "mountinfo");
  *device = makedev(first, second);
  return 1;
}

static void read_mounts(const char *path) {
  FILE *mounts = open_mounts(path);
  dev_t device;
  for (int id; next_mount(mounts, &id, &device);) remember(device);
  fclose(mounts);
}

void machine_mounts_read(pid_t keeper) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)keeper);
  read_mounts("/proc/self/mountinfo");
  read_mounts(path);
}

// The device of the mount that a file is in. That of the file itself may be another one, as on btrfs and in an overlay.
static dev_t device_of_mount(int fd) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  if (proc_read(path, text, sizeof text)) fail(STEP_OWN_FILE, "read", path);
  const char *at = strstr(text, "mnt_id:");
  int wanted = at ? atoi(at + strlen("mnt_id:")) : -1;
  FILE *mounts = open_mounts("/proc/self/mountinfo");
  dev_t device = 0;
  for (int id = -2; id != wanted;)
    if (!next_mount(mounts, &id, &device)) fail_with(STEP_OWN_FILE, ESTALE, "find the mount of", "a file");
  fclose(mounts);
  return device;
}

int machine_mounts_lack(int fd) {
  struct statfs system;
  struct stat now;
  if (fstatfs(fd, &system) || fstat(fd, &now)) fail(STEP_OWN_FILE, "examine", "a file");
  // Files of a tmpfs have its device.
  return !is_of_machine(system.f_type == TMPFS_MAGIC ? now.st_dev : device_of_mount(fd));
}

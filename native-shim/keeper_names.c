#define _GNU_SOURCE
#include "keeper_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const DIRECTORY = "/run/netns";

// Writes what a link to a descriptor begins with. Returns -1 where /proc does not say.
static int write_prefix(char *prefix, size_t room) {
  char self[16] = "";
  // The machine's /proc is mounted here, so this is the PID that the keeper has on the machine.
  if (readlink("/proc/self", self, sizeof self - 1) < 0) return -1;
  snprintf(prefix, room, "/proc/%s/fd/", self);
  return 0;
}

void keeper_names_add(const char *name, int fd) {
  char prefix[32], target[48], path[PATH_MAX];
  if (write_prefix(prefix, sizeof prefix)) return;
  snprintf(target, sizeof target, "%s%d", prefix, fd);
  snprintf(path, sizeof path, "%s/%s", DIRECTORY, name);
  if (symlink(target, path)) return;
}

static int is_among(int fd, const int *fds, int count) {
  for (int i = 0; i < count; i++)
    if (fds[i] == fd) return 1;
  return 0;
}

void keeper_names_remove(const int *fds, int count) {
  char prefix[32], target[64];
  if (count == 0 || write_prefix(prefix, sizeof prefix)) return;
  DIR *names = opendir(DIRECTORY);
  if (!names) return;
  for (struct dirent *each; (each = readdir(names));) {
    if (each->d_type != DT_LNK && each->d_type != DT_UNKNOWN) continue;
    ssize_t length = readlinkat(dirfd(names), each->d_name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    size_t digits = strlen(prefix);
    if (strncmp(target, prefix, digits) || !is_among(atoi(target + digits), fds, count)) continue;
    if (unlinkat(dirfd(names), each->d_name, 0)) continue;
  }
  closedir(names);
}

#define _GNU_SOURCE
#include "temporary.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "mounts.h"
#include "report.h"

// hier(7), and where crash reports go on Ubuntu and SUSE. A name that leads elsewhere by a symbolic link, often to /tmp, is
// left out.
static const char *const DIRECTORIES[] = {"/tmp", "/var/tmp", "/var/crash"};
enum { DIRECTORY_COUNT = sizeof DIRECTORIES / sizeof *DIRECTORIES };

// The modes of those that are covered, which the nodes' processes inherit; 0 for the others.
static mode_t modes[DIRECTORY_COUNT];

// Returns the mode of a directory, or 0 where the machine has none there in which everybody may make files.
static mode_t mode_of(const char *path) {
  struct stat now;
  if (!lstat(path, &now)) return S_ISDIR(now.st_mode) && (now.st_mode & S_IWOTH) ? now.st_mode & 07777 : 0;
  if (!mounts_path_is_missing()) fail(STEP_MOUNT_TMP, "find", path);
  return 0;
}

void temporary_cover(const char *empty) {
  for (int i = 0; i < DIRECTORY_COUNT; i++) {
    // Every node has a /tmp, whatever the machine's is like.
    modes[i] = i == 0 ? 01777 : mode_of(DIRECTORIES[i]);
    if (modes[i] && mount(empty, DIRECTORIES[i], NULL, MS_BIND, NULL)) fail(STEP_MOUNT_TMP, "cover", DIRECTORIES[i]);
  }
}

void temporary_mount(void) {
  for (int i = 0; i < DIRECTORY_COUNT; i++) {
    char options[32];
    if (!modes[i]) continue;
    snprintf(options, sizeof options, "mode=%o", modes[i]);
    if (mount("tmpfs", DIRECTORIES[i], "tmpfs", MS_NOSUID | MS_NODEV, options))
      fail(STEP_MOUNT_TMP, "mount", DIRECTORIES[i]);
    mounts_own(DIRECTORIES[i]);
  }
}

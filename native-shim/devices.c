#define _GNU_SOURCE
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounts.h"
#include "report.h"
#include "scope.h"

static const char *const DEVICES[] = {"null", "zero", "full", "random", "urandom", "tty"};
static const char *const TUN = "net/tun";

// Mounts a tmpfs over /dev. Returns a descriptor of the /dev below.
static int cover_dev(void) {
  int below = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (below < 0) fail(STEP_MOUNT_DEV, "open", "/dev");
  if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=1m")) fail(STEP_MOUNT_DEV, "mount", "/dev");
  return below;
}

// Binds a device over an empty file, since a node may not make device files (mknod(2)). Returns 0, or -1 with errno.
static int bind_device(int below, const char *name) {
  char source[64], target[64];
  snprintf(source, sizeof source, "/proc/self/fd/%d/%s", below, name);
  snprintf(target, sizeof target, "/dev/%s", name);
  SCOPED_FD file = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0) fail(STEP_MOUNT_DEV, "make file", target);
  if (!mount(source, target, NULL, MS_BIND, NULL)) return 0;
  int error = errno;
  unlink(target);
  errno = error;
  return -1;
}

static void make_directory_of_tun(void) {
  if (mkdir("/dev/net", 0755)) fail(STEP_MOUNT_DEV, "make directory", "/dev/net");
}

// Leaves out /dev/net/tun where root of the node may not open the machine's, or the machine has no driver for it.
static void bind_tun(int below) {
  SCOPED_FD tun = openat(below, TUN, O_RDWR | O_CLOEXEC);
  int is_refused = mounts_path_is_missing() || errno == EPERM || errno == ENXIO || errno == ENODEV;
  if (tun < 0 && !is_refused) fail(STEP_MOUNT_DEV, "open", "/dev/net/tun");
  if (tun < 0) return;
  make_directory_of_tun();
  if (bind_device(below, TUN)) warn(STEP_BIND_DEVICE, "bind device", "/dev/net/tun");
}

void devices_mount(void) {
  char path[64];
  SCOPED_FD below = cover_dev();
  for (size_t i = 0; i < sizeof DEVICES / sizeof *DEVICES; i++) {
    snprintf(path, sizeof path, "/dev/%s", DEVICES[i]);
    if (bind_device(below, DEVICES[i])) warn(STEP_BIND_DEVICE, "bind device", path);
  }
  bind_tun(below);
}

void devices_mount_below(void) {
  SCOPED_FD below = cover_dev();
  make_directory_of_tun();
  for (size_t i = 0; i < sizeof DEVICES / sizeof *DEVICES; i++)
    if (bind_device(below, DEVICES[i]) && errno != ENOENT) fail(STEP_BIND_DEVICE, "bind device", DEVICES[i]);
  if (bind_device(below, TUN) && errno != ENOENT) fail(STEP_BIND_DEVICE, "bind device", TUN);
  if (mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL))
    fail(STEP_MOUNT_DEV, "make read-only", "/dev");
}

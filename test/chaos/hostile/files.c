// Attempts on files and mounts.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attempt.h"

// read FILE
static int read_one(char **words) {
  char byte;
  int fd = open(words[0], O_RDONLY | O_NONBLOCK);
  if (fd < 0) return -1;
  ssize_t length = read(fd, &byte, 1);
  close(fd);
  return length < 0 ? -1 : 0;
}

// write FILE: opens it for writing, and writes what is in it already, where that is short.
static int write_same(char **words) {
  char text[256];
  int fd = open(words[0], O_RDWR | O_NONBLOCK);
  if (fd < 0 && errno == EACCES) fd = open(words[0], O_WRONLY | O_NONBLOCK);
  if (fd < 0) return -1;
  ssize_t length = pread(fd, text, sizeof text, 0);
  // Nothing of a larger file, and nothing where there is nothing to read, such as a trigger.
  if (length > 0 && (size_t)length < sizeof text && !strncmp(words[0], "/proc/sys/", 10)) length = pwrite(fd, text, (size_t)length, 0);
  close(fd);
  return length < 0 ? -1 : 0;
}

// list DIRECTORY: finds something in it.
static int list(char **words) {
  DIR *directory = opendir(words[0]);
  if (!directory) return -1;
  for (struct dirent *entry; (entry = readdir(directory));)
    if (entry->d_name[0] != '.') snprintf(found, sizeof found, "%.200s", entry->d_name);
  closedir(directory);
  return *found ? 0 : (errno = ENOENT, -1);
}

// lock FILE
static int lock(char **words) {
  int fd = open(words[0], O_RDONLY | O_NONBLOCK);
  return fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);
}

// create FILE: leaves nothing.
static int create(char **words) {
  int fd = open(words[0], O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (fd < 0) return -1;
  unlink(words[0]);
  return 0;
}

// device MAJOR MINOR b|c: makes it and reads of it.
static int device(char **words) {
  char path[] = "/tmp/device";
  unlink(path);
  mode_t kind = words[2][0] == 'b' ? S_IFBLK : S_IFCHR;
  if (mknod(path, kind | 0600, makedev((unsigned)atoi(words[0]), (unsigned)atoi(words[1])))) return -1;
  return read_one((char *[]){path});
}

// mount TYPE SOURCE TARGET
static int do_mount(char **words) { return mount(words[1], words[2], words[0], 0, NULL); }

// uncover DIRECTORY [ATTEMPT…]: takes away what is mounted there, and makes the attempt; by itself, it looks for anything below.
static int uncover(char **words) {
  int taken = 0;
  while (umount2(words[0], MNT_DETACH) == 0) taken++;
  if (!taken) return -1;
  if (!words[1]) return list(words);
  for (const struct attempt *each = file_attempts; each->name; each++)
    if (!strcmp(each->name, words[1])) return each->act(words + 2);
  for (const struct attempt *each = process_attempts; each->name; each++)
    if (!strcmp(each->name, words[1])) return each->act(words + 2);
  return errno = ENOSYS, -1;
}

// handle FILE: opens a file by its handle, past all directories.
static int by_handle(char **words) {
  struct {
    struct file_handle head;
    char room[128];
  } handle = {.head = {.handle_bytes = 128}};
  int id, mount_fd = open(words[0], O_RDONLY | O_DIRECTORY);
  if (mount_fd < 0 || name_to_handle_at(AT_FDCWD, words[0], &handle.head, &id, 0)) return -1;
  return open_by_handle_at(mount_fd, &handle.head, O_RDONLY) < 0 ? -1 : 0;
}

// here NAME: whether the working directory has such a file.
static int here(char **words) { return access(words[0], F_OK); }

const struct attempt file_attempts[] = {
    {"read", read_one},     {"write", write_same}, {"list", list},         {"lock", lock}, {"create", create},
    {"device", device},     {"mount", do_mount},   {"uncover", uncover},   {"handle", by_handle}, {"here", here},
    {NULL, NULL},
};

#define _GNU_SOURCE
#include "tracees.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct tracee **all;
static size_t count;

struct tracee *tracee_of(pid_t pid) {
  for (size_t i = 0; i < count; i++)
    if (all[i]->pid == pid) return all[i];
  struct tracee *fresh = calloc(1, sizeof *fresh);
  struct tracee **grown = realloc(all, (count + 1) * sizeof *all);
  if (!fresh || !grown) abort();
  fresh->pid = fresh->process = pid;
  all = grown;
  all[count++] = fresh;
  return fresh;
}

void tracee_forget(pid_t pid) {
  for (size_t i = 0; i < count; i++) {
    if (all[i]->pid != pid) continue;
    free(all[i]);
    memmove(&all[i], &all[i + 1], (--count - i) * sizeof *all);
    return;
  }
}

// A file of /proc, with its NUL bytes; returns the length.
static size_t read_proc(pid_t pid, const char *name, char *text, size_t room) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? 0 : read(fd, text, room - 1);
  if (fd >= 0) close(fd);
  if (length < 0) length = 0;
  text[length] = 0;
  return (size_t)length;
}

static pid_t thread_group(pid_t pid) {
  char text[2048];
  read_proc(pid, "status", text, sizeof text);
  const char *line = strstr(text, "\nTgid:");
  return line ? atoi(line + strlen("\nTgid:")) : pid;
}

void tracee_born(struct tracee *child, const struct tracee *maker) {
  child->process = thread_group(child->pid);
  child->known = 1;
  snprintf(child->role, sizeof child->role, "%s", maker->role);
  if (child->process == maker->process) return;
  char *plus = strchr(child->role, '+');
  int forks = plus ? atoi(plus + 1) : 0;
  size_t length = plus ? (size_t)(plus - child->role) : strlen(child->role);
  if (length > sizeof child->role - 8) length = sizeof child->role - 8;
  snprintf(child->role + length, sizeof child->role - length, "+%d", (forks + 1) % 1000);
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

void tracee_executed(struct tracee *tracee) {
  char words[4096];
  size_t length = read_proc(tracee->pid, "cmdline", words, sizeof words);
  const char *program = base_of(words), *second = words + strlen(words) + 1;
  if (second >= words + length) second = "";
  if (!strncmp(program, "nslab-shim", strlen("nslab-shim"))) program = second;
  else if (!strcmp(base_of(second), "run.js")) program = "cli";
  snprintf(tracee->role, sizeof tracee->role, "%.40s", program);
}

pid_t tracee_with_role(const char *role) {
  pid_t found = 0;
  for (size_t i = 0; i < count; i++)
    if (all[i]->known && all[i]->pid == all[i]->process && !strcmp(all[i]->role, role)) found = all[i]->pid;
  return found;
}

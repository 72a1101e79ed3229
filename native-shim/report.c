// Formats reports and writes them. Decides nothing but the exit status.
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_ROOM = 4096, STRING_ROOM = 1500, BLOCK_ROOM = 1 << 16 };

static int destination = -1;
static int failure_status = STATUS_FAILED;
static const char *about = NULL;
static const char *failure_key = "error";
static int in_blocks = 0;
static char block[BLOCK_ROOM];
static size_t block_used;

void report_to(int fd) { destination = fd; }
int report_fd(void) { return destination; }
void report_about(const char *node) { about = node; }
void fail_with_status(int status) { failure_status = status; }
void fail_with_key(const char *key) { failure_key = key; }

// Length of the valid UTF-8 sequence at `at`, or 0 (The Unicode Standard, table 3-7).
static size_t utf8_length(const unsigned char *at) {
  if (at[0] < 0x80) return 1;
  if (at[0] < 0xc2 || at[0] > 0xf4) return 0;
  size_t length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  unsigned char least = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
  unsigned char most = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < least || at[1] > most) return 0;
  for (size_t i = 2; i < length; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return length;
}

const char *json_string(const char *text, char *out, size_t room) {
  size_t used = 0;
  out[used++] = '"';
  for (const unsigned char *at = (const unsigned char *)text; *at && used + 8 < room;) {
    size_t length = utf8_length(at);
    if (length == 0) used += (size_t)snprintf(out + used, 7, "\\udc%02x", *at++);
    else if (*at < 0x20 || *at == 0x7f) used += (size_t)snprintf(out + used, 7, "\\u%04x", *at++);
    else {
      if (*at == '"' || *at == '\\') out[used++] = '\\';
      while (length-- > 0) out[used++] = (char)*at++;
    }
  }
  out[used++] = '"';
  out[used] = 0;
  return out;
}

// Returns 0, or -1 with errno.
static int write_all(int fd, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return -1;
    text += written, length -= (size_t)written;
  }
  return 0;
}

// When the reader is gone, no report is of use to anybody. A report that is lost otherwise would make the reader believe
// that a step was not done, so the verb fails, and says so once more.
static void write_report(const char *text, size_t length) {
  if (!write_all(destination, text, length) || errno == EPIPE) return;
  static int is_second;
  if (is_second++) _exit(failure_status);
  fail(STEP_WRITE_REPORT, "write", "report");
}

// Control characters are below 0x20, 0x7f, and U+0080 to U+009F, which are c2 80 to c2 9f in UTF-8.
// `at` begins a valid sequence of that length, or none when it is 0.
static int is_printable(const unsigned char *at, size_t length) {
  return length > 0 && *at >= 0x20 && *at != 0x7f && !(at[0] == 0xc2 && at[1] < 0xa0);
}

void print_error_line(const char *format, ...) {
  char text[LINE_ROOM], line[4 * LINE_ROOM];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  int whole = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (whole < 0) return;
  for (const unsigned char *at = (const unsigned char *)text; *at;) {
    size_t length = utf8_length(at);
    if (is_printable(at, length)) memcpy(line + used, at, length), used += length, at += length;
    else used += (size_t)snprintf(line + used, 5, "\\x%02x", *at++);
  }
  line[used++] = '\n';
  write_all(STDERR_FILENO, line, used);
}

void report_bytes(const char *text, size_t length) {
  if (destination >= 0) write_report(text, length);
}

void report_in_blocks(void) { in_blocks = 1; }

void report_flush(void) {
  size_t used = block_used;
  block_used = 0;
  if (used > 0) write_report(block, used);
}

void report_line(const char *format, ...) {
  char line[LINE_ROOM];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length < 0 || (size_t)length >= sizeof line - 1 || destination < 0) return;
  line[length++] = '\n';
  if (!in_blocks) {
    write_report(line, (size_t)length);
    return;
  }
  if (block_used + (size_t)length > sizeof block) report_flush();
  memcpy(block + block_used, line, (size_t)length);
  block_used += (size_t)length;
}

static const char *step_code(enum step step) {
#define STEP_CODE(identifier, code) [identifier] = code,
  static const char *const codes[] = {FOR_EACH_STEP(STEP_CODE)};
#undef STEP_CODE
  return codes[step];
}

// `kind` is "warning" or the key of failures.
static void report_problem(const char *kind, enum step step, const char *action, const char *object, int error) {
  if (destination < 0) {
    const char *beginning = strcmp(kind, "warning") ? "cannot " : "skipped: ";
    print_error_line("nslab-shim: %s%s %s: %s", beginning, action, object, strerror(error));
    return;
  }
  char quoted_action[STRING_ROOM / 4], quoted_object[STRING_ROOM], quoted_node[STRING_ROOM / 2], node[STRING_ROOM] = "";
  if (about) snprintf(node, sizeof node, ",\"node\":%s", json_string(about, quoted_node, sizeof quoted_node));
  report_line("{\"%s\":{\"step\":\"%s\",\"action\":%s,\"object\":%s,\"errno\":%d%s}}", kind, step_code(step),
              json_string(action, quoted_action, sizeof quoted_action),
              json_string(object, quoted_object, sizeof quoted_object), error, node);
}

void report_failure(const char *key, enum step step, int error, const char *action, const char *object) {
  report_problem(key, step, action, object, error);
}

void fail(enum step step, const char *action, const char *object) {
  report_problem(failure_key, step, action, object, errno);
  report_flush();
  _exit(failure_status);
}

void fail_with(enum step step, int error, const char *action, const char *object) {
  errno = error;
  fail(step, action, object);
}

void warn(enum step step, const char *action, const char *object) {
  report_problem("warning", step, action, object, errno);
}

void warn_of_machine(enum step step, const char *action, const char *object) {
  const char *node = about;
  about = NULL;
  warn(step, action, object);
  about = node;
}

int usage_status(void) { return failure_status == STATUS_FAILED ? STATUS_USAGE : failure_status; }

void usage(const char *message) {
  print_error_line("nslab-shim: %s", message);
  _exit(usage_status());
}

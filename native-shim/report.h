// Says what happened: JSON lines on the caller's report descriptor, or text on stderr where there is none.
#pragma once
#include <stddef.h>

enum { STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_EXEC_FAILED = 125 };

// Where reports go from now on; -1 for text on stderr.
void report_to(int fd);
int report_fd(void);
// The node that failures and warnings are about from now on; NULL for none.
void report_about(const char *node);
// The status that `fail` and `usage` exit with from now on.
void fail_with_status(int status);
// Reports what could not be done, with errno, and exits.
_Noreturn void fail(const char *action, const char *object);
// Wrong arguments: text on stderr, status 2 unless it was changed.
_Noreturn void usage(const char *message);
int usage_status(void);
// Reports what was skipped, with errno, and goes on.
void warn(const char *action, const char *object);
// The same, where the reason is the machine's and not the node's: no node is named, and one warning of many is enough.
void warn_of_machine(const char *action, const char *object);
// One line of text on stderr, for people: a control character in it, which a file's name may have, is an escape such as
// `\x1b`, so that it does nothing to their terminal.
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
// One line, whole, in one write. `format` makes valid JSON.
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
// From now on lines are gathered and written in blocks; `report_flush` writes what there is.
void report_in_blocks(void);
void report_flush(void);
// Writes `text` as a JSON string with its quotes; cuts it where `room` ends. A byte that is not part of valid UTF-8
// becomes the lone surrogate U+DC00 + byte, so that nothing is lost and two different strings stay different.
const char *json_string(const char *text, char *out, size_t room);

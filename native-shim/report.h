// Says what happened: as JSON lines on the caller's report descriptor, or as text on standard error when there is none.
#pragma once
#include <stddef.h>

#include "steps.h"

enum { STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_EXEC_FAILED = 125 };

// Sends reports to this descriptor from now on; -1 for text on standard error.
void report_to(int fd);
// The descriptor that reports go to, or -1.
int report_fd(void);
// Adds this node's name to the failures and warnings that follow; NULL for none.
void report_about(const char *node);
// Sets the status that `fail` and `usage` exit with from now on.
void fail_with_status(int status);
// Sets the key of failures in reports, instead of `error`, from now on.
void fail_with_key(const char *key);
// Reports that a step failed, under this key, and goes on.
void report_failure(const char *key, enum step step, int error, const char *action, const char *object);
// Reports that a step failed with the errno of the moment, and exits. "cannot ACTION OBJECT" is read by people.
_Noreturn void fail(enum step step, const char *action, const char *object);
// As `fail`, for a failure that no system call has set errno for.
_Noreturn void fail_with(enum step step, int error, const char *action, const char *object);
// Says on standard error that the arguments are wrong, and exits: with 2, or the status of `fail_with_status`.
_Noreturn void usage(const char *message);
// The status that `usage` exits with.
int usage_status(void);
// Reports that a step was skipped because it failed with the errno of the moment. The caller goes on without it.
void warn(enum step step, const char *action, const char *object);
// As `warn`, when the cause is the machine and not the node: the warning names no node, so that the warnings of all
// nodes are equal and the caller can print one of them.
void warn_of_machine(enum step step, const char *action, const char *object);
// Prints one line of text on standard error. A file's name may contain control characters, which could command the
// user's terminal, so they are printed as escapes such as `\x1b`.
void print_error_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Reports one line of JSON, which `format` makes, in a single write(2).
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Reports whole lines of JSON that were made elsewhere, or a part of them.
void report_bytes(const char *text, size_t length);
// From now on, lines are collected and written in blocks of 64 KB.
void report_in_blocks(void);
// Writes the lines that are collected.
void report_flush(void);
// Writes `text` as a JSON string with its quotes into `out`, and returns that; cuts off what does not fit into `room`
// bytes. A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, so that different texts stay
// different.
const char *json_string(const char *text, char *out, size_t room);

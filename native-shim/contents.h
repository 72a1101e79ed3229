// Mounts and files that a lab puts into a node. The machine's own files never change: a directory of the machine that
// needs a new name in it is first made the node's own (own_directory.h).
#pragma once
#include <stddef.h>

// Copies the mount at a path of the machine, to be attached in a node where that path may be hidden or out of reach.
// Returns a descriptor of the copy.
int contents_open(const char *source);
// Attaches such a copy to a path of the node. The path is made where it is missing.
void contents_mount(int tree, const char *target, int read_only);
// Mounts an empty tmpfs(5) with these options. The path is made where it is missing.
void contents_tmpfs(const char *target, const char *options);
// Writes a file: `mode` is octal, `owner` is UID:GID in the node, the content is hexadecimal.
void contents_write(const char *target, const char *mode, const char *owner, const char *hex);
// Decodes hexadecimal digits into at most `room` bytes. Returns how many they are. A failure names `target`.
size_t contents_decode(const char *hex, const char *target, char *bytes, size_t room);
// Writes all bytes to an open file. A failure names `target`.
void contents_write_bytes(int file, const char *target, const char *bytes, size_t count);
// Gives the node a file of its own that begins as a copy of the machine's file of the same name in the directory `tree`,
// with mode 0644. Nodes share the content of a large file until they write to it.
void contents_copy(int tree, const char *target);

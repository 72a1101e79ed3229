// What the file of a lab puts into a node: mounts and files. None of it reaches the machine's own files: a directory that
// needs a new name in it is first made the node's own, as an overlay over the machine's.
#pragma once

// Makes a copy of what is mounted at a path, to be attached in a node, where the path may be hidden or not be reached.
int contents_open(const char *source);
// Attaches such a copy to a path, which is made where it is missing.
void contents_mount(int tree, const char *target, int read_only);
// Mounts an empty tmpfs(5) with these options.
void contents_tmpfs(const char *target, const char *options);
// Writes a file: `mode` in octal, `owner` as UID:GID in the node, content in hexadecimal.
void contents_write(const char *target, const char *mode, const char *owner, const char *hex);

// Changes of files inside a node that runs, as root of the node: in its user and mount namespace. What programs in the node have put
// at the paths leads nowhere that root of the node cannot go itself, and no file of the machine is changed.
#pragma once
#include <stddef.h>

struct inside_text {
  char *bytes;
  size_t length;
};

// Gives a file this content, mode and owner: in place, since it may be a mount. A missing file is made where the directory is the
// node's own. `mode` and `owner` are those of contents_write (contents.h).
void inside_write(const char *path, const char *mode, const char *owner, const struct inside_text *text);
// Removes a file of the node's own, so that what it covered is seen again. Does nothing where there is none. `covers` says
// whether the machine has a file at this path.
void inside_remove(const char *path, int covers);

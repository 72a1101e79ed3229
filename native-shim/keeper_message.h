// Messages of a sequenced-packet socket to the keeper: a text, and descriptors that come with it (SCM_RIGHTS, unix(7)).
#pragma once
#include <sys/types.h>

enum { MESSAGE_TEXT = 192, MESSAGE_FDS = 5 };

struct message {
  char text[MESSAGE_TEXT];
  int fds[MESSAGE_FDS];
  int fd_count;
  int is_cut;  // whether the text was longer, or a descriptor could not be taken
};

// Receives one message without waiting. Returns the length of its text: 0 when the other end is closed, less with errno when
// there is none.
ssize_t message_receive(int socket, struct message *received);
// Closes the descriptors of a message from this one on.
void message_close_from(const struct message *message, int first);
// Sends a text with at most MESSAGE_FDS descriptors. `flags` are those of send(2). Returns 0, or -1 with errno.
int message_send(int socket, const char *text, const int *fds, int count, int flags);

#define _GNU_SOURCE
#include "keeper_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t message_receive(int socket, struct message *received) {
  union {
    char bytes[CMSG_SPACE(sizeof received->fds)];
    struct cmsghdr align;
  } control;
  struct iovec data = {.iov_base = received->text, .iov_len = sizeof received->text - 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t length;
  do length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (length < 0 && errno == EINTR);
  received->text[length > 0 ? length : 0] = 0;
  received->fd_count = 0;
  received->is_cut = length >= 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
  struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return length;
  received->fd_count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
  memcpy(received->fds, CMSG_DATA(header), (size_t)received->fd_count * sizeof(int));
  return length;
}

void message_close_from(const struct message *message, int first) {
  for (int i = first; i < message->fd_count; i++) close(message->fds[i]);
}

int message_send(int socket, const char *text, const int *fds, int count, int flags) {
  size_t size = (size_t)count * sizeof *fds;
  union {
    char bytes[CMSG_SPACE(MESSAGE_FDS * sizeof *fds)];
    struct cmsghdr align;
  } control = {.bytes = {0}};
  char copy[MESSAGE_TEXT];  // sendmsg(2) takes no constant text
  size_t length = strlen(text);
  if (length >= sizeof copy) return errno = ENAMETOOLONG, -1;
  memcpy(copy, text, length);
  struct iovec data = {.iov_base = copy, .iov_len = length};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control.bytes, message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), fds, size);
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -1 : 0;
}

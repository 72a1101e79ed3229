#define _GNU_SOURCE
#include "keeper_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper_message.h"
#include "keeper_names.h"

enum { LIST_ROOM = 1 << 16 };

// Answers a client. Returns -1 when it has gone, or does not read: it must not stop the keeper.
static int answer(int client, const char *text) {
  return send(client, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

int keeper_sessions_hold(int client, int session, const struct message *message, struct held *held) {
  int is_known = !strcmp(message->text, "process");  // its network namespace is held already
  char number[16];
  if (message->fd_count != (is_known ? 1 : 2) || message->is_cut) {
    // The kernel passed no descriptor on: as many as may be are open.
    message_close_from(message, 0);
    return answer(client, "-1");
  }
  int held_as = is_known ? held_add(held, session, -1, message->fds[0])
                         : held_add(held, session, message->fds[0], message->fds[1]);
  snprintf(number, sizeof number, "%d", held_as);
  int gone = answer(client, number);
  // After the answer, so that the client makes the next node meanwhile.
  if (!gone && held_as > 0 && message->text[4] == ' ') keeper_names_add(message->text + 5, held_as);
  return gone;
}

static int drop(int client, int session, const char *text, struct held *held) {
  int numbers[MESSAGE_TEXT], count = 0;
  for (char *end; *text; text = end) {
    numbers[count++] = (int)strtol(text, &end, 10);
    if (end == text) return -1;
  }
  held_drop(held, session, numbers, count);
  return answer(client, "dropped");
}

static int list(int client, const struct held *held) {
  static char text[LIST_ROOM];
  held_list(held, text, sizeof text);
  // An empty message would be taken for the end of the session.
  return answer(client, *text ? text : " ");
}

// Returns -1 to end the session.
static int serve(int client, int session, struct held *held) {
  struct message message;
  ssize_t length = message_receive(client, &message);
  if (length < 0 && errno == EAGAIN) return 0;
  if (length <= 0) return -1;
  const char *text = message.text;
  if (!strcmp(text, "hold") || !strncmp(text, "hold ", 5) || !strcmp(text, "process"))
    return keeper_sessions_hold(client, session, &message, held);
  message_close_from(&message, 0);
  if (message.is_cut) return -1;
  if (!strcmp(text, "commit")) return held_commit(held, session), answer(client, "committed");
  if (!strncmp(text, "drop ", 5)) return drop(client, session, text + 5, held);
  if (!strcmp(text, "list")) return list(client, held);
  return -1;
}

void keeper_sessions_clear(struct keeper_sessions *sessions) {
  for (int i = 0; i < SESSIONS_MAX; i++) sessions->fds[i] = -1;
}

void keeper_sessions_begin(struct keeper_sessions *sessions, int socket) {
  int free = 0;
  while (free < SESSIONS_MAX && sessions->fds[free] >= 0) free++;
  if (free == SESSIONS_MAX || answer(socket, "session")) close(socket);
  else sessions->fds[free] = socket;
}

void keeper_sessions_serve(struct keeper_sessions *sessions, const struct pollfd *polled, struct held *held) {
  for (int i = 0; i < SESSIONS_MAX; i++) {
    if (sessions->fds[i] < 0 || !polled[i].revents || !serve(sessions->fds[i], i, held)) continue;
    close(sessions->fds[i]), sessions->fds[i] = -1;
    held_end(held, i);
  }
}

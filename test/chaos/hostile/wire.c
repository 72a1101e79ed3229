// Attempts on the wire of a lab: by its control socket, and by the frames that it carries.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"

static const char name[] = "nslab-wire";

static int open_control(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, name, strlen(name));
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))))
    return fd;
  int error = errno;
  if (fd >= 0) close(fd);
  return errno = error, -1;
}

// reach: the control socket, from the network namespace that this process is in.
static int reach(char **words) { return (void)words, open_control() < 0 ? -1 : 0; }

static size_t write_request(char *text, size_t room) {
  static const char *const known[] = {"link", "0", "1000000", "direction", "a", "class", "default", "delay", "loss", "1e999",
                                      "random", "queue", "trace", "remove", "-1", "statistics", "", "99999999999999999999"};
  size_t length = 0;
  if (rand() % 4 == 0) return (size_t)snprintf(text, room, "statistics") + 1;
  for (int words = rand() % 12; words > 0 && length + 64 < room; words--) {
    if (rand() % 4 == 0) text[length++] = (char)rand();
    length += (size_t)snprintf(text + length, room - length, "%s", known[(size_t)rand() % (sizeof known / sizeof *known)]);
    if (rand() % 8) text[length++] = 0;
  }
  return length;
}

// requests COUNT: of those, most without sense, some whole, some from clients that hang up at once.
static int requests(char **words) {
  char text[4096];
  int answers = 0;
  alarm(0);
  signal(SIGPIPE, SIG_IGN);
  for (int count = atoi(words[0]); count > 0; count--) {
    int fd = open_control();
    if (fd < 0) return -1;
    send(fd, text, write_request(text, sizeof text), 0);
    if (rand() % 8) {
      shutdown(fd, SHUT_WR);
      int got = 0;
      for (ssize_t length; (length = read(fd, text, sizeof text)) > 0;) got = text[length - 1] == '\n';
      answers += got;
    }
    close(fd);
  }
  return snprintf(found, sizeof found, "%d answers", answers), 0;
}

// A frame to be sent, with its struct virtio_net_hdr. Much of what it asks for is wrong, and some of that is let through.
static size_t make_frame(uint8_t *bytes) {
  static const uint8_t types[] = {0, VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_UDP, VIRTIO_NET_HDR_GSO_TCPV6, 5, 0x81, 255};
  static const uint16_t sizes[] = {0, 1, 7, 536, 1448, 9000, 65535};
  static const uint32_t lengths[] = {14, 15, 33, 59, 60, 64, 1000, 1514, 1518, 9014, 40000, 65549};
  struct virtio_net_hdr vnet = {.gso_type = types[(size_t)rand() % sizeof types], .gso_size = sizes[rand() % 7]};
  size_t length = lengths[rand() % 12];
  memset(bytes, rand(), sizeof vnet + 80);
  uint8_t *frame = bytes + sizeof vnet;
  // A group address, so that no end drops it.
  memcpy(frame, "\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x01\x08\0", 14);
  if (rand() % 4 == 0) memcpy(frame + 12, "\x81\0\x0f\xff", 4);
  if (rand() % 2) memcpy(frame + 14, "\x45\0\x9c\x40\0\0\0\0\x40\x06", 10);
  if (rand() % 2) vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  vnet.csum_start = (uint16_t)(rand() % 2 ? 34 : rand()), vnet.csum_offset = (uint16_t)(rand() % 2 ? 16 : rand());
  vnet.hdr_len = (uint16_t)(rand() % 2 ? 54 : rand());
  memcpy(bytes, &vnet, sizeof vnet);
  return sizeof vnet + length;
}

// flood INTERFACE SECONDS: sends frames of all lengths as fast as it can, half of them with odd headers.
static int flood(char **words) {
  static uint8_t bytes[1 << 17];
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(words[0])};
  int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, sent = 0, refused = 0;
  if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes)) return -1;
  alarm(0);
  for (time_t end = time(NULL) + atoi(words[1]); time(NULL) < end;) {
    size_t length = make_frame(bytes);
    // The kernel refuses many of the others.
    if (rand() % 2) memset(bytes, 0, sizeof(struct virtio_net_hdr));
    if (sendto(fd, bytes, length, 0, (struct sockaddr *)&to, sizeof to) > 0) sent++;
    else refused++;
  }
  return snprintf(found, sizeof found, "%d sent, %d refused", sent, refused), 0;
}

const struct attempt wire_attempts[] = {{"reach", reach}, {"requests", requests}, {"flood", flood}, {NULL, NULL}};

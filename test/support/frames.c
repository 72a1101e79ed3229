// Sends and receives raw frames, as a reference that knows nothing of nslab.
//
//   frames send INTERFACE         sends the frames on standard input, one a line in hexadecimal
//   frames receive INTERFACE MS   prints the frames of EtherType 0x88b5 that come in, with their VLAN tags, until none comes for MS
//   frames longest INTERFACE MS   prints the length of the longest frame of any kind, in the same way
//
// The last two first print `ready`.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ROOM = 1 << 17, LOCAL_EXPERIMENTAL = 0x88b5 };

static unsigned char frame[ROOM];

static int open_socket(const char *interface, int protocol) {
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface)};
  int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, room = 1 << 26;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) ||
      bind(fd, (const struct sockaddr *)&address, sizeof address)) {
    perror(interface);
    exit(1);
  }
  return fd;
}

static int send_all(int fd) {
  char *line = NULL;
  size_t room = 0;
  for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
    size_t bytes = 0;
    for (; 2 * bytes + 1 < (size_t)length && sscanf(line + 2 * bytes, "%2hhx", &frame[bytes]) == 1; bytes++) {}
    if (send(fd, frame, bytes, 0) < 0) return perror("send"), 1;
  }
  return 0;
}

// Receives a frame that is not this machine's own, with its VLAN tag. Returns its length, or 0.
static size_t receive(int fd) {
  char control[256];
  struct sockaddr_ll from;
  struct iovec data = {frame, sizeof frame - 4};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &data, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, 0);
  if (length < ETH_HLEN || from.sll_pkttype == PACKET_OUTGOING) return 0;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    struct tpacket_auxdata beside;
    if (each->cmsg_type != PACKET_AUXDATA) continue;
    memcpy(&beside, CMSG_DATA(each), sizeof beside);
    if (!(beside.tp_status & TP_STATUS_VLAN_VALID)) continue;
    uint16_t tag[] = {htons(beside.tp_vlan_tpid), htons(beside.tp_vlan_tci)};
    memmove(frame + 16, frame + 12, (size_t)length - 12);
    memcpy(frame + 12, tag, 4);
    length += 4;
  }
  return (size_t)length;
}

static int is_ours(void) {
  int at = 12;
  while ((frame[at] == 0x81 && frame[at + 1] == 0) || (frame[at] == 0x88 && frame[at + 1] == 0xa8)) at += 4;
  return frame[at] == LOCAL_EXPERIMENTAL >> 8 && frame[at + 1] == (LOCAL_EXPERIMENTAL & 0xff);
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  if (!strcmp(arguments[1], "send")) return send_all(open_socket(arguments[2], 0));
  int prints = !strcmp(arguments[1], "receive"), fd = open_socket(arguments[2], ETH_P_ALL);
  size_t longest = 0;
  puts("ready");
  fflush(stdout);
  for (struct pollfd polled = {fd, POLLIN, 0}; poll(&polled, 1, atoi(arguments[3])) > 0;) {
    size_t length = receive(fd);
    if (length > longest) longest = length;
    if (!prints || length == 0 || !is_ours()) continue;
    for (size_t i = 0; i < length; i++) printf("%02x", frame[i]);
    putchar('\n');
  }
  if (!prints) printf("%zu\n", longest);
  return 0;
}

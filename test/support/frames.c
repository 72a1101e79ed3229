// Sends and receives raw frames, as a reference that knows nothing of nslab.
//
//   frames send INTERFACE         sends the frames on standard input, one a line in hexadecimal
//   frames receive INTERFACE MS   prints the frames from 02:00:00:00:00:01 that come in, with their VLAN tags, until none comes for MS
//   frames longest INTERFACE MS   prints the length of the longest frame of any kind, in the same way
//
// A frame begins with its struct virtio_net_hdr of 10 bytes.
// The last two first print `ready`.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ROOM = 1 << 17 };

static struct {
  struct virtio_net_hdr vnet;
  unsigned char frame[ROOM];
} all;
static unsigned char *const frame = all.frame;

static int open_socket(const char *interface, int protocol) {
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface)};
  int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, room = 1 << 26;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) ||
      setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) ||
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
    for (; 2 * bytes + 1 < (size_t)length && sscanf(line + 2 * bytes, "%2hhx", (unsigned char *)&all + bytes) == 1; bytes++) {}
    if (send(fd, &all, bytes, 0) < 0) return perror("send"), 1;
  }
  return 0;
}

// Receives a frame that is not this machine's own, with its VLAN tag. Returns its length, or 0.
static size_t receive(int fd) {
  char control[256];
  struct sockaddr_ll from;
  struct iovec data = {&all, sizeof all - 4};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &data, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, 0) - (ssize_t)sizeof all.vnet;
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
    if (all.vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) all.vnet.csum_start += 4;
    if (all.vnet.hdr_len) all.vnet.hdr_len += 4;
  }
  return (size_t)length;
}

static int is_ours(void) { return !memcmp(frame + 6, "\2\0\0\0\0\1", 6); }

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
    for (size_t i = 0; i < sizeof all.vnet + length; i++) printf("%02x", ((unsigned char *)&all)[i]);
    putchar('\n');
  }
  if (!prints) printf("%zu\n", longest);
  return 0;
}

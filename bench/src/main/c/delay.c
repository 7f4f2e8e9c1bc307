// A wire with a delay, for kernels without netem: what comes in at one interface leaves at the other, later by a fixed time; the way back is not
// delayed. Both interfaces lie in the namespace it is started in. It ends by itself and says what passed.
//   delay FROM TO MILLISECONDS SECONDS
//
// Frames keep the kernel's offload header (PACKET_VNET_HDR): between veth interfaces they are larger than the MTU and have no checksum yet.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME 70000
#define ROOM (64 * 1024 * 1024) // octets under way at most; beyond that frames are lost, as on any wire

struct frame {
    struct frame *next;
    long long due;
    int length;
    char octets[];
};

static struct frame *first, **last = &first;
static long long under_way, passed, back, lost;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int tap(const char *name) {
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int) if_nametoindex(name)};
    struct packet_mreq all = {.mr_ifindex = address.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    int on = 1, room = 4 * 1024 * 1024;
    int tap = socket(AF_PACKET, SOCK_RAW, 0);
    if (!address.sll_ifindex || tap < 0
        || setsockopt(tap, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on)
        || setsockopt(tap, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on)
        || setsockopt(tap, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all)
        || setsockopt(tap, SOL_SOCKET, SO_RCVBUF, &room, sizeof room)
        || bind(tap, (struct sockaddr *) &address, sizeof address)) {
        die(name);
    }
    return tap;
}

static void put(int tap, const char *octets, int length) {
    if (send(tap, octets, length, 0) < 0) {
        lost++; // the wire was pulled, or its queue is full: whoever sent it sends it again
    }
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: delay FROM TO MILLISECONDS SECONDS\n");
        return 2;
    }
    int from = tap(argv[1]), to = tap(argv[2]);
    long long delay = atoll(argv[3]) * 1000000, end = now() + atoll(argv[4]) * 1000000000;
    struct pollfd ready[2] = {{.fd = from, .events = POLLIN}, {.fd = to, .events = POLLIN}};
    static char octets[FRAME];
    for (long long at = now(); at < end; at = now()) {
        for (; first && first->due <= at; passed++) {
            struct frame *frame = first;
            put(to, frame->octets, frame->length);
            under_way -= frame->length;
            if (!(first = frame->next)) {
                last = &first;
            }
            free(frame);
        }
        long long wait = (first && first->due < end ? first->due : end) - at;
        if (poll(ready, 2, (int) (wait / 1000000) + 1) < 0 && errno != EINTR) {
            die("poll");
        }
        for (int length; (length = (int) recv(from, octets, sizeof octets, MSG_DONTWAIT)) > 0;) {
            struct frame *frame = under_way + length <= ROOM ? malloc(sizeof *frame + length) : NULL;
            if (!frame) {
                lost++;
                continue;
            }
            *frame = (struct frame) {.due = now() + delay, .length = length};
            memcpy(frame->octets, octets, length);
            under_way += length;
            *last = frame;
            last = &frame->next;
        }
        for (int length; (length = (int) recv(to, octets, sizeof octets, MSG_DONTWAIT)) > 0; back++) {
            put(from, octets, length);
        }
    }
    printf("%lld frames %s ms late, %lld back at once, %lld lost\n", passed, argv[3], back, lost);
    return 0;
}

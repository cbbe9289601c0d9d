/* The subscribers: what they receive, and whether each got exactly what was committed. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { READ_BYTES = 1 << 18 };

Stream *streams;
int stream_count;
_Atomic uint64_t delivered, disorder, closed, endings, refused;
int positioned, last_refusal;
_Atomic double first_delivery, last_delivery;
bool want_receipts;
List receipts = {.width = sizeof(Receipt)};

static _Atomic uint64_t target = UINT64_MAX; /* of delivered */
static _Atomic int target_number;
static _Thread_local int seen_first_of; /* the target of which this thread has noted its first delivery */
static _Thread_local double stamp;

void stream_message(Stream *s, int64_t id) {
    if (id <= s->cursor) disorder++;
    place(s);
    s->cursor = id;
    s->received++;
    s->sum += mix(id);
    delivered++;
    if (want_receipts) *(Receipt *)list_add(&receipts) = (Receipt){id, now()};
}

static ssize_t read_stamped(int fd, char *into, size_t space) {
    char extra[256];
    struct iovec part = {into, space};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = extra, .msg_controllen = sizeof extra};
    ssize_t got = recvmsg(fd, &message, 0);
    stamp = now();
    struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!c || c->cmsg_type != SCM_TIMESTAMPNS) return got;
    struct timespec t;
    memcpy(&t, CMSG_DATA(c), sizeof t);
    stamp = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    return got;
}

/* From now on: when the first of so many deliveries came, and when the last. */
void expect(uint64_t deliveries) {
    first_delivery = last_delivery = 0;
    target = delivered + deliveries;
    target_number++;
}

/* The earlier one of the threads'. */
static void note_first(double at, int number) {
    double known = first_delivery;
    seen_first_of = number;
    if (number != target_number) return;
    while ((!known || at < known) && !atomic_compare_exchange_weak(&first_delivery, &known, at)) {}
}

/* Asked by each thread after each of its turns; true once, for whoever is the first to see that all are there. */
bool all_came(void) {
    uint64_t wanted = target;
    if (delivered < wanted || !atomic_compare_exchange_strong(&target, &wanted, UINT64_MAX)) return false;
    last_delivery = now();
    return true;
}

void stream_lost(Stream *s) {
    closed++;
    hang_up(&s->peer);
}

void stream_readable(Peer *peer, uint32_t events) {
    static _Thread_local char bytes[READ_BYTES];
    (void)events;
    Stream *s = (Stream *)peer;
    uint64_t before = s->received;
    int number = target_number;
    bool wanted = seen_first_of != number;
    ssize_t got = wanted ? read_stamped(peer->fd, bytes, sizeof bytes) : recv(peer->fd, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return stream_lost(s);
    sse_feed(s, bytes, (size_t)got);
    if (wanted && s->received > before) note_first(stamp, number);
}

/* A stream without HTTP around it: the floor's. */
void stream_begin_plain(Stream *s, int fd) {
    s->positioned = true;
    s->room = 0;
    s->sse.headers_done = true;
    s->peer = (Peer){fd, stream_readable};
    watch(&s->peer, EPOLLIN);
}

void streams_reset(int count) {
    streams_drop();
    free(streams);
    streams = calloc((size_t)count, sizeof *streams);
    stream_count = count;
    memset(ledgers, 0, sizeof ledgers);
    delivered = disorder = endings = 0;
    for (int i = 0; i < count; i++) {
        streams[i].peer.fd = -1;
        streams[i].person = i % (people_count ? people_count : 1);
        streams[i].room = i % (room_count ? room_count : 1);
    }
}

uint64_t owed(void) {
    uint64_t sum = 0;
    for (int i = 0; i < stream_count; i++) sum += ledgers[streams[i].room].count;
    return sum;
}

bool all_delivered(void) { return delivered >= owed(); }

void streams_drop(void) {
    for (int i = 0; i < stream_count; i++) hang_up(&streams[i].peer);
}

/* How many streams did not receive exactly what was committed in their room. */
int inexact_streams(void) {
    int wrong = 0;
    for (int i = 0; i < stream_count; i++) {
        Ledger *ledger = &ledgers[streams[i].room];
        wrong += streams[i].received != ledger->count || (streams[i].sum != ledger->sum && !foreign);
    }
    return wrong;
}

/* Opening all streams, and all of them coming back with their cursors; a bounded number on their way at a time. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { OPEN_SECONDS = 120 };

static int begun, resuming;
static uint64_t opening_target;

static size_t request(char *out, const Stream *s) {
    char path[PATH_BYTES], cursor[64] = "";
    path_of_stream(path, s->room);
    if (resuming) snprintf(cursor, sizeof cursor, "Last-Event-ID: %lld\r\n", (long long)s->cursor);
    return (size_t)snprintf(out, REQUEST_BYTES,
                            "GET %s HTTP/1.1\r\nHost: %s:%d\r\nAccept: text/event-stream\r\n"
                            "Authorization: Bearer %s\r\n%s\r\n",
                            path, server_host, server_port, people[s->person], cursor);
}

static void stream_connected(Peer *peer, uint32_t events) {
    char out[REQUEST_BYTES];
    Stream *s = (Stream *)peer;
    size_t length = request(out, s);
    if (events & (EPOLLERR | EPOLLHUP) || send(peer->fd, out, length, MSG_NOSIGNAL) != (ssize_t)length) return stream_lost(s);
    peer->ready = stream_readable;
    rewatch(peer, EPOLLIN);
}

static void stream_begin(Stream *s) {
    s->positioned = false;
    s->sse = (Sse){0};
    s->peer = (Peer){connect_to(server_host, server_port), stream_connected};
    watch(&s->peer, EPOLLOUT);
}

static bool all_open(void) {
    return positioned + (int)closed + (int)refused >= stream_count && (closed || refused || delivered >= opening_target);
}

static void begin_more(int inflight) {
    while (begun < stream_count && begun - positioned - (int)closed - (int)refused < inflight) stream_begin(&streams[begun++]);
}

static void begin_all(int inflight) {
    begun = positioned = 0;
    closed = refused = 0;
    opening_target = owed();
    double deadline = now() + OPEN_SECONDS;
    while (!(begun == stream_count && all_open()) && now() < deadline) {
        begin_more(inflight);
        turn(0.1);
    }
}

static void linger(double seconds) {
    for (double until = now() + seconds; now() < until;) turn(0.01);
}

/* Something sent twice would come late: the account is looked at a little after the clock has stopped. */
static void open_and_report(const char *label, int inflight) {
    Meter start = meter();
    begin_all(inflight);
    double seconds = now() - start.wall, cpu = cpu_share(start);
    linger(0.3);
    int wrong = inexact_streams();
    bool exact = positioned == stream_count && !wrong && !disorder && !closed && !refused && !endings;
    printf("{\"measure\": \"%s\", \"streams\": %d, \"open\": %d, \"seconds\": %.4f, \"delivered\": %llu, \"owed\": %llu, "
           "\"inexact\": %d, \"disorder\": %llu, \"closed\": %llu, \"refused\": %llu, \"last_refusal\": %d, "
           "\"load_cpu\": %.3f, \"exact\": %s}\n",
           label, stream_count, positioned, seconds, (unsigned long long)delivered, (unsigned long long)opening_target, wrong,
           (unsigned long long)disorder, (unsigned long long)closed, (unsigned long long)refused, last_refusal, cpu,
           exact ? "true" : "false");
}

void streams_open(int count, int inflight) {
    streams_reset(count);
    resuming = 0;
    open_and_report("open", inflight);
}

/* Each comes back with the last id that it saw itself; what it received before and after is one account. */
void streams_resume(int inflight) {
    resuming = 1;
    open_and_report("resume", inflight);
}

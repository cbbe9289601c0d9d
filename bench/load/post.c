/* The posters: keep-alive connections with one request outstanding on each, and the ledger of what was committed. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

Poster *posters;
int poster_count;
int in_flight, failed_posts, last_failure;
List posted = {.width = sizeof(Posted)};
Ledger ledgers[MAX_ROOMS];

static int connected;

void commit_to_ledger(int room, int64_t id) {
    ledgers[room].count++;
    ledgers[room].sum += mix(id);
}

static void poster_failed(Poster *p, int status) {
    failed_posts++;
    last_failure = status;
    if (status == 0) hang_up(&p->peer);
}

static int64_t id_in(const char *body) {
    const char *key = strstr(body, "\"id\":");
    return key ? strtoll(key + 5, NULL, 10) : 0;
}

static void answered(Poster *p, const char *body) {
    int status = atoi(p->answer + 9);
    p->busy = false;
    p->used = 0;
    in_flight--;
    if (status / 100 != 2) return poster_failed(p, status);
    int64_t id = id_in(body);
    commit_to_ledger(p->room, id);
    *(Posted *)list_add(&posted) = (Posted){id, p->due, p->sent, now()};
}

/* The body once all of the answer is there, else NULL. */
static char *whole_body(Poster *p) {
    p->answer[p->used] = 0;
    char *head_end = strstr(p->answer, "\r\n\r\n");
    if (!head_end) return NULL;
    char *field = strcasestr(p->answer, "\r\ncontent-length:");
    size_t length = field && field < head_end ? strtoul(field + 17, NULL, 10) : 0;
    char *body = head_end + 4;
    return (size_t)(p->answer + p->used - body) >= length ? body : NULL;
}

static void poster_readable(Peer *peer, uint32_t events) {
    (void)events;
    Poster *p = (Poster *)peer;
    ssize_t got = recv(peer->fd, p->answer + p->used, ANSWER_BYTES - 1 - p->used, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        in_flight -= p->busy;
        p->busy = false;
        return poster_failed(p, 0);
    }
    p->used += (size_t)got;
    char *body = whole_body(p);
    if (body) answered(p, body);
}

static void poster_connected(Peer *peer, uint32_t events) {
    if (events & (EPOLLERR | EPOLLHUP)) die("connect", "a poster");
    connected++;
    peer->ready = poster_readable;
    rewatch(peer, EPOLLIN);
}

static bool all_connected(void) { return connected == poster_count; }

void posters_connect(int count) {
    for (int i = 0; i < poster_count; i++) hang_up(&posters[i].peer);
    free(posters);
    posters = calloc((size_t)count, sizeof *posters);
    poster_count = count;
    connected = in_flight = failed_posts = 0;
    list_clear(&posted);
    for (int i = 0; i < count; i++) {
        posters[i].person = i % people_count;
        posters[i].peer = (Peer){connect_to(server_host, server_port), poster_connected};
        watch(&posters[i].peer, EPOLLOUT);
    }
    if (!turn_until(all_connected, 30)) die("connect", "the posters");
}

/* Words as people use them, some often and most of them rarely: each one that is new costs the search's index more. */
static void say(char *text) {
    int at = 0;
    while (at < text_bytes) {
        int word = 27 + (rand() % 200) * (rand() % 200);
        for (; word && at < text_bytes; word /= 26) text[at++] = (char)('a' + word % 26);
        if (at < text_bytes) text[at++] = ' ';
    }
    text[text_bytes] = 0;
}

static size_t request(char *out, const Poster *p) {
    static char text[16385];
    char path[PATH_BYTES];
    say(text);
    path_of_post(path, p->room);
    return (size_t)snprintf(out, REQUEST_BYTES,
                            "POST %s HTTP/1.1\r\nHost: %s:%d\r\nAccept: application/json\r\nAuthorization: Bearer %s\r\n"
                            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n{\"text\": \"%s\"}",
                            path, server_host, server_port, people[p->person], text_bytes + 12, text);
}

void poster_send(Poster *p, int room, double due) {
    char out[REQUEST_BYTES];
    p->room = room;
    p->busy = true;
    p->due = due;
    in_flight++;
    size_t length = request(out, p);
    p->sent = now();
    if (send(p->peer.fd, out, length, MSG_NOSIGNAL) != (ssize_t)length) die("send", "a post");
}

Poster *idle_poster(void) {
    static unsigned turnwise;
    for (int i = 0; i < poster_count; i++) {
        Poster *p = &posters[turnwise++ % (unsigned)poster_count];
        if (!p->busy && p->peer.fd >= 0) return p;
    }
    return NULL;
}

bool all_answered(void) { return in_flight == 0; }

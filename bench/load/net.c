/* Sockets, the epoll set, the clock and this process's own use of the processor. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 1024 };

static _Thread_local int epoll_set;

void die(const char *what, const char *which) {
    fprintf(stderr, "load: %s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

void raise_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Each thread watches a set of its own. */
void net_start(void) {
    raise_descriptors();
    epoll_set = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_set < 0) die("epoll_create1", "");
}

void net_end(void) { close(epoll_set); }

double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

Meter meter(void) {
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (Meter){now(), (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9};
}

double cpu_share(Meter since) {
    Meter until = meter();
    return (until.cpu - since.cpu) / (until.wall - since.wall);
}

/* Returns at once; EPOLLOUT tells when the connection stands. */
int connect_to(const char *host, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) die("socket", "");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) die("connect", host);
    return fd;
}

static void control(int operation, Peer *peer, uint32_t events) {
    struct epoll_event wish = {.events = events, .data.ptr = peer};
    if (epoll_ctl(epoll_set, operation, peer->fd, &wish) < 0) die("epoll_ctl", "");
}

void watch(Peer *peer, uint32_t events) { control(EPOLL_CTL_ADD, peer, events); }
void rewatch(Peer *peer, uint32_t events) { control(EPOLL_CTL_MOD, peer, events); }

void unwatch(Peer *peer) { control(EPOLL_CTL_DEL, peer, 0); }

void hang_up(Peer *peer) {
    if (peer->fd >= 0) close(peer->fd);
    peer->fd = -1;
}

/* One wait, at most `timeout` seconds (epoll_wait counts in milliseconds, too coarse for a schedule). */
void turn(double timeout) {
    static _Thread_local struct epoll_event ready[BATCH];
    struct timespec most = {(time_t)timeout, (long)((timeout - (double)(time_t)timeout) * 1e9)};
    int count = epoll_pwait2(epoll_set, ready, BATCH, &most, NULL);
    for (int i = 0; i < count; i++) {
        Peer *peer = ready[i].data.ptr;
        if (peer->fd >= 0) peer->ready(peer, ready[i].events);
    }
}

bool turn_until(bool (*done)(void), double seconds) {
    double deadline = now() + seconds;
    while (!done()) {
        if (now() > deadline) return false;
        turn(0.1);
    }
    return true;
}

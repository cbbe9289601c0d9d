/* A second receiver. While one message at a time goes out, two processes send; if one thread alone received, they would be done
   long before it, and the time would be the receiver's. So every second stream is another thread's as long as that lasts. */
#define _GNU_SOURCE
#include "load.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_t second;
static pthread_barrier_t ready;
static _Atomic bool over;
static Peer to_first, to_second; /* bells, each in the other's epoll set */

static void ring(Peer *bell) {
    if (eventfd_write(bell->fd, 1)) die("eventfd_write", "");
}

static void heard(Peer *bell, uint32_t events) {
    eventfd_t count;
    (void)events;
    if (eventfd_read(bell->fd, &count)) die("eventfd_read", "");
}

static void take_in(Peer *peer) { watch(peer, EPOLLIN); }

static void of_every_second(void (*what)(Peer *)) {
    for (int i = 1; i < stream_count; i += 2)
        if (streams[i].peer.fd >= 0) what(&streams[i].peer);
}

static void *receive(void *nothing) {
    net_start();
    watch(&to_second, EPOLLIN);
    of_every_second(take_in);
    pthread_barrier_wait(&ready);
    while (!over) {
        turn(0.1);
        if (all_came()) ring(&to_first);
    }
    net_end();
    return nothing;
}

void second_begin(void) {
    to_first = (Peer){eventfd(0, EFD_CLOEXEC), heard};
    to_second = (Peer){eventfd(0, EFD_CLOEXEC), heard};
    watch(&to_first, EPOLLIN);
    of_every_second(unwatch);
    over = false;
    pthread_barrier_init(&ready, NULL, 2);
    if (pthread_create(&second, NULL, receive, NULL)) die("pthread_create", "");
    pthread_barrier_wait(&ready);
}

void second_end(void) {
    over = true;
    ring(&to_second);
    pthread_join(second, NULL);
    of_every_second(take_in);
    hang_up(&to_first);
    hang_up(&to_second);
}

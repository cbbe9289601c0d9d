/* The floor: what the kernel allows. Two sender processes, as two workers, each with half of the connections and a bare
   loop of send(); the receiver is the very code that receives the server's streams, in a process like its own. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SENDERS = 2, WATCHFUL_NS = 200000 };

/* Send the frame with this id, at this time by CLOCK_MONOTONIC (nanoseconds; 0: at once): the server too lets its subscribers wait
   for the first of them. One time for all senders, or each would wake at its own. */
typedef struct {
    int64_t id, at;
} Order;

static int triggers[SENDERS];
static int64_t serial;
static char python[256], script[256];

static int listen_on(int *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 4096) < 0) die("listen", "floor");
    getsockname(fd, (struct sockaddr *)&at, &size);
    *port = ntohs(at.sin_port);
    return fd;
}

static void accept_all(int listener, int *fds, int count) {
    for (int i = 0; i < count; i++) {
        int on = 1;
        fds[i] = accept(listener, NULL, NULL);
        if (fds[i] < 0) die("accept", "floor");
        setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

/* A frame with the id where the server has it, filled up to the size of a real one. */
static size_t make_frame(char *out, int64_t id, int bytes) {
    int used = sprintf(out, "id: %lld\nevent: message\ndata: ", (long long)id);
    for (; used < bytes - 2; used++) out[used] = 'x';
    out[used++] = '\n';
    out[used++] = '\n';
    return (size_t)used;
}

static int64_t monotonic(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Sleeps, and then looks at the clock for the last moment: no sender pays for how late a timer wakes it. */
static void wait_until(int64_t at) {
    int64_t wake = at - WATCHFUL_NS;
    struct timespec t = {wake / 1000000000LL, wake % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    while (monotonic() < at) {}
}

/* A sender lives until the trigger's other end is gone. */
static void sender(int listener, int trigger, int count, int frame_bytes) {
    int *fds = calloc((size_t)count, sizeof *fds);
    char *frame = malloc((size_t)frame_bytes + 128);
    accept_all(listener, fds, count);
    for (Order order; read(trigger, &order, sizeof order) == sizeof order;) {
        size_t length = make_frame(frame, order.id, frame_bytes);
        if (order.at) wait_until(order.at);
        for (int i = 0; i < count; i++)
            if (send(fds[i], frame, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) die("send", "floor");
    }
    _exit(0);
}

/* The same loop in Python: bench/floor_sender.py. */
static void become_python(int listener, int trigger, int count, int frame_bytes) {
    char words[4][16];
    int numbers[] = {listener, trigger, count, frame_bytes};
    for (int i = 0; i < 4; i++) snprintf(words[i], sizeof words[i], "%d", numbers[i]);
    fcntl(trigger, F_SETFD, 0);
    execl(python, python, script, words[0], words[1], words[2], words[3], (char *)NULL);
    die("exec", python);
}

static int start_sender(int which, int count, int frame_bytes) {
    int port, listener = listen_on(&port), ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) die("socketpair", "floor");
    pid_t child = fork();
    if (child < 0) die("fork", "floor");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < which; i++) close(triggers[i]);
        close(ends[0]);
        if (*script) become_python(listener, ends[1], count, frame_bytes);
        sender(listener, ends[1], count, frame_bytes);
    }
    close(listener);
    close(ends[1]);
    triggers[which] = ends[0];
    return port;
}

void floor_in_python(const char *interpreter, const char *path) {
    snprintf(python, sizeof python, "%s", interpreter);
    snprintf(script, sizeof script, "%s", path);
}

/* By twos, while the receiving threads take every second one (second.c): each sender's streams are both threads', as each worker's
   are. One sender and one thread that had nothing but each other would stay on a core of their own. */
static int sender_of(int stream) { return stream / 2 % SENDERS; }

void floor_open(int count, int frame_bytes) {
    int ports[SENDERS], counts[SENDERS] = {0};
    streams_reset(count);
    for (int i = 0; i < count; i++) counts[sender_of(i)]++;
    for (int i = 0; i < SENDERS; i++) {
        if (triggers[i]) close(triggers[i]);
        ports[i] = start_sender(i, counts[i], frame_bytes);
    }
    for (int i = 0; i < count; i++) {
        stream_begin_plain(&streams[i], connect_to("127.0.0.1", ports[sender_of(i)]));
        if (i % 256 == 255) usleep(2000); /* the accept queue holds 4,096 */
    }
    printf("{\"measure\": \"floor\", \"streams\": %d}\n", count);
}

void floor_send_one(int pause) {
    Order order = {++serial, pause ? monotonic() + pause * 1000LL : 0};
    commit_to_ledger(0, serial);
    for (int i = 0; i < SENDERS; i++)
        if (write(triggers[i], &order, sizeof order) != sizeof order) die("trigger", "floor");
}

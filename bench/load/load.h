/* The load generator: one thread, one epoll set, raw non-blocking sockets; a second thread only where it says so (second.c).
   It is driven by lines on stdin (see main.c) and answers each with one line of JSON.
   All times are CLOCK_REALTIME seconds, the clock of the kernel's receive stamps. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_ROOMS = 20000, LINE_START = 48, ANSWER_BYTES = 16384, REQUEST_BYTES = 24576, PATH_BYTES = 512 };

/* Whatever sits in the epoll set; the first member of all of it. */
typedef struct Peer {
    int fd;
    void (*ready)(struct Peer *, uint32_t events);
} Peer;

/* What is left of a line cut by the end of a read, and the fields of the frame so far. */
typedef struct {
    char line[LINE_START];
    uint8_t used;
    bool has_id, has_data, other_event, headers_done;
    int64_t id;
} Sse;

typedef struct {
    Peer peer;
    Sse sse;
    int person, room;
    bool positioned; /* has seen its first id */
    int64_t cursor;
    uint64_t received, sum;
} Stream;

typedef struct {
    Peer peer;
    int person, room;
    bool busy;
    double due, sent;
    size_t used;
    char answer[ANSWER_BYTES];
} Poster;

/* What was committed in a room: how many messages, and the sum of their mixed ids. */
typedef struct {
    uint64_t count, sum;
} Ledger;

typedef struct {
    int64_t id;
    double due, sent, answered;
} Posted;

typedef struct {
    int64_t id;
    double at;
} Receipt;

typedef struct {
    size_t used, space, width;
    void *items;
} List;

typedef struct {
    double wall, cpu;
} Meter;

/* --- net.c */
void net_start(void);
void net_end(void);
double now(void);
Meter meter(void);
double cpu_share(Meter since);
int connect_to(const char *host, int port);
void watch(Peer *, uint32_t events);
void rewatch(Peer *, uint32_t events);
void unwatch(Peer *);
void hang_up(Peer *);
void turn(double timeout);
bool turn_until(bool (*done)(void), double seconds);
void raise_descriptors(void);
void die(const char *what, const char *which);

/* --- list.c */
void *list_add(List *);
void list_clear(List *);
int compare_doubles(const void *, const void *);
void print_times(const char *name, List *seconds);

/* --- sse.c */
void sse_feed(Stream *, const char *bytes, size_t length);
uint64_t mix(int64_t id);
void place(Stream *);

/* --- stream.c */
extern Stream *streams;
extern int stream_count;
extern _Atomic uint64_t delivered, disorder, closed, endings, refused;
extern int positioned, last_refusal;
extern _Atomic double first_delivery, last_delivery;
extern bool want_receipts;
extern List receipts;
void expect(uint64_t deliveries);
bool all_came(void);
void stream_message(Stream *, int64_t id);
void stream_readable(Peer *, uint32_t events);
void stream_lost(Stream *);
void streams_reset(int count);
void stream_begin_plain(Stream *, int fd);
void streams_drop(void);
uint64_t owed(void);
bool all_delivered(void);
int inexact_streams(void);

/* --- second.c */
void second_begin(void);
void second_end(void);

/* --- opening.c */
void streams_open(int count, int inflight);
void streams_resume(int inflight);

/* --- post.c */
extern Poster *posters;
extern int poster_count;
extern int in_flight, failed_posts, last_failure;
extern List posted;
extern Ledger ledgers[MAX_ROOMS];
void posters_connect(int count);
void poster_send(Poster *, int room, double due);
Poster *idle_poster(void);
void commit_to_ledger(int room, int64_t id);
bool all_answered(void);

/* --- setting.c */
extern const char *server_host;
extern int server_port;
extern char **people, **rooms;
extern int people_count, room_count;
extern int text_bytes;
extern bool foreign; /* another product's streams: no id at the start, and ids that its 201 does not tell */
void set_server(const char *host, int port);
void set_paths(const char *subscribe, const char *post);
void set_people(const char *path);
void set_rooms(const char *path);
void path_of_stream(char out[PATH_BYTES], int room);
void path_of_post(char out[PATH_BYTES], int room);

/* --- account.c */
extern List times_a, times_b;
void note(List *, double seconds);
double total(const List *);
double per_second(double amount, double seconds);
void start_clean(void);
void print_end(Meter start);
bool round_done(void);

/* --- rounds.c, burst.c, posts.c, paced.c: each prints one JSON line, whose `exact` is false
   if any stream lost, repeated or reordered anything, or any post failed */
enum { ROUND_SECONDS = 20, DRAIN_SECONDS = 60 };
void measure_rounds(int messages, int pause, void (*trigger)(int));
void post_one(int pause);
void measure_burst(int messages, int connections);
void seed_messages(int each);
void measure_posts(double seconds, int connections);
void measure_paced(double seconds, double rate, int connections);

/* --- floor.c */
void floor_open(int count, int frame_bytes);
void floor_send_one(int pause);
void floor_in_python(const char *interpreter, const char *path); /* before floor_open */

#endif

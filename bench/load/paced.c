/* Posts on a schedule to many rooms, whether the server keeps up or not. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

static int compare_posted(const void *a, const void *b) {
    int64_t x = ((const Posted *)a)->id, y = ((const Posted *)b)->id;
    return (x > y) - (x < y);
}

/* Latency counts from when a post was due, not from when it could be sent: waiting for the server is part of it. */
static void note_latencies(void) {
    qsort(posted.items, posted.used, posted.width, compare_posted);
    for (size_t i = 0; i < receipts.used; i++) {
        Receipt *receipt = (Receipt *)receipts.items + i;
        Posted key = {.id = receipt->id}, *post = bsearch(&key, posted.items, posted.used, posted.width, compare_posted);
        if (post) note(&times_a, receipt->at - post->due);
    }
    for (size_t i = 0; i < posted.used; i++) {
        Posted *post = (Posted *)posted.items + i;
        note(&times_b, post->answered - post->due);
    }
}

static void post_what_is_due(double start, double rate, int total_posts, int *sent) {
    for (Poster *p; *sent < total_posts && now() >= start + *sent / rate && (p = idle_poster()); ++*sent)
        poster_send(p, (int)(rand() % room_count), start + *sent / rate);
}

void measure_paced(double seconds, double rate, int connections) {
    posters_connect(connections);
    start_clean();
    want_receipts = true;
    int sent = 0, total_posts = (int)(seconds * rate);
    Meter start = meter();
    double deadline = start.wall + seconds + DRAIN_SECONDS;
    while (sent < total_posts && !failed_posts && now() < deadline) {
        post_what_is_due(start.wall, rate, total_posts, &sent);
        double wait = start.wall + sent / rate - now();
        turn(wait > 0 && wait < 0.1 ? wait : idle_poster() ? 0 : 0.1);
    }
    double sending = now() - start.wall;
    turn_until(round_done, DRAIN_SECONDS);
    want_receipts = false;
    note_latencies();
    printf("{\"measure\": \"paced\", \"subscribers\": %d, \"rooms\": %d, \"rate\": %.0f, \"sent_rate\": %.0f, \"deliveries\": %zu, ",
           stream_count, room_count, rate, sent / sending, receipts.used);
    print_times("delivery", &times_a);
    print_times("answer", &times_b);
    print_end(start);
}

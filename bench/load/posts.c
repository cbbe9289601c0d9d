/* Posts alone: how many a second, and how long each answer takes. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

static void keep_all_busy(double until) {
    while (now() < until) {
        for (Poster *p; (p = idle_poster());) poster_send(p, (int)(rand() % room_count), now());
        turn(0.1);
    }
}

/* A second of warm-up first, which is posted and answered but not counted. */
void measure_posts(double seconds, int connections) {
    posters_connect(connections);
    start_clean();
    Meter warm = meter();
    keep_all_busy(warm.wall + 1);
    size_t first = posted.used;
    Meter start = meter();
    keep_all_busy(start.wall + seconds);
    double took = now() - start.wall;
    size_t last = posted.used;
    for (size_t i = first; i < last; i++) {
        Posted *one = (Posted *)posted.items + i;
        note(&times_a, one->answered - one->sent);
    }
    turn_until(all_answered, DRAIN_SECONDS);
    printf("{\"measure\": \"posts\", \"connections\": %d, \"rate\": %.0f, \"committed\": %zu, ", connections,
           (double)(last - first) / took, posted.used);
    print_times("answer", &times_a);
    print_end(start);
}

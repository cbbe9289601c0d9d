/* One message at a time: sent, received by all, then the next. The server's posts and the floor's triggers alike. */
#include "load.h"

#include <stdio.h>

void post_one(int pause) {
    (void)pause; /* the server's own */
    poster_send(&posters[0], 0, now());
}

/* One message: sent, received by all, then the next. It is expected before its id is known. */
static bool one_round(void (*trigger)(int), int pause) {
    double sent = now(), deadline = sent + ROUND_SECONDS;
    expect((uint64_t)stream_count);
    trigger(pause);
    while ((!last_delivery || in_flight) && !failed_posts && now() < deadline) {
        turn(0.1);
        all_came();
    }
    if (!last_delivery) return false;
    note(&times_a, last_delivery - sent);
    note(&times_b, last_delivery - first_delivery);
    return true;
}

/* pause: microseconds between a trigger and the first send, in which the receivers wait. */
void measure_rounds(int messages, int pause, void (*trigger)(int)) {
    start_clean();
    Meter start = meter();
    int done = 0;
    second_begin();
    while (done < messages && one_round(trigger, pause)) done++;
    second_end();
    turn_until(round_done, done < messages ? 1 : ROUND_SECONDS);
    double all = (double)stream_count * done;
    printf("{\"measure\": \"rounds\", \"subscribers\": %d, \"messages\": %d, \"end_to_end_rate\": %.0f, \"fan_out_rate\": %.0f, ",
           stream_count, done, per_second(all, total(&times_a)), per_second(all, total(&times_b)));
    print_times("end_to_end", &times_a);
    print_times("fan_out", &times_b);
    print_end(start);
}

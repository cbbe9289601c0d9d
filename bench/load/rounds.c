/* One message at a time: sent, received by all, then the next. The server's posts and the floor's triggers alike. */
#define _DEFAULT_SOURCE
#include "load.h"

#include <stdio.h>
#include <unistd.h>

void post_one(void) { poster_send(&posters[0], 0, now()); }

/* One message: sent, received by all, then the next. The target counts the message before its id is known. */
static bool one_round(void (*trigger)(void)) {
    uint64_t target = delivered + (uint64_t)stream_count;
    double sent = now(), deadline = sent + ROUND_SECONDS;
    want_first = true;
    trigger();
    while ((delivered < target || in_flight) && !failed_posts && now() < deadline) {
        turn(0.1);
        if (delivered >= target && last_delivery < sent) last_delivery = now();
    }
    want_first = false;
    if (delivered < target) return false;
    note(&times_a, last_delivery - sent);
    note(&times_b, last_delivery - first_delivery);
    return true;
}

/* pause: microseconds of rest before each message, in which nobody has anything to do. */
void measure_rounds(int messages, int pause, void (*trigger)(void)) {
    start_clean();
    Meter start = meter();
    int done = 0;
    while (done < messages && (!pause || !usleep((useconds_t)pause)) && one_round(trigger)) done++;
    turn_until(round_done, done < messages ? 1 : ROUND_SECONDS);
    double all = (double)stream_count * done;
    printf("{\"measure\": \"rounds\", \"subscribers\": %d, \"messages\": %d, \"end_to_end_rate\": %.0f, \"fan_out_rate\": %.0f, ",
           stream_count, done, per_second(all, total(&times_a)), per_second(all, total(&times_b)));
    print_times("end_to_end", &times_a);
    print_times("fan_out", &times_b);
    print_end(start);
}

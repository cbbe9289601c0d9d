/* As many messages as the connections can post. */
#include "load.h"

#include <stdio.h>

/* As many as there are idle connections for. */
static void post_in_turn(int *left) {
    for (Poster *p; *left > 0 && (p = idle_poster()); --*left) poster_send(p, *left % room_count, now());
}

/* Deliveries that so many messages mean, spread evenly over the rooms. */
static uint64_t deliveries_of(int messages) {
    return (uint64_t)messages * (uint64_t)stream_count / (uint64_t)room_count;
}

static void print_burst(int messages, int connections, double begun, double answered, double last) {
    double all = (double)deliveries_of(messages), posting = answered - begun;
    printf("{\"measure\": \"burst\", \"subscribers\": %d, \"messages\": %d, \"connections\": %d, \"rate\": %.0f, "
           "\"fan_out_rate\": %.0f, \"seconds\": %.4f, \"posting_seconds\": %.4f, \"posts_rate\": %.0f, ",
           stream_count, messages, connections, per_second(all, last - begun), per_second(all, last - first_delivery),
           last - begun, posting, per_second(messages, posting));
}

/* As fast as so many connections, with one post outstanding on each, can: until all is answered and delivered. */
void measure_burst(int messages, int connections) {
    posters_connect(connections);
    start_clean();
    int left = messages;
    Meter start = meter();
    double deadline = start.wall + DRAIN_SECONDS, answered = 0;
    expect(deliveries_of(messages));
    while ((left || in_flight || !last_delivery) && !failed_posts && now() < deadline) {
        post_in_turn(&left);
        turn(0.1);
        if (!answered && !left && !in_flight) answered = now();
        all_came();
    }
    print_burst(messages, connections, start.wall, answered, last_delivery ? last_delivery : now());
    print_end(start);
}

/* So many messages to every room, whether anybody listens or not. */
void seed_messages(int each) {
    posters_connect(16);
    int left = each * room_count;
    while ((left || in_flight) && !failed_posts) {
        post_in_turn(&left);
        turn(0.1);
    }
    printf("{\"measure\": \"seed\", \"messages\": %zu, \"failed_posts\": %d, \"last_failure\": %d}\n", posted.used, failed_posts, last_failure);
}

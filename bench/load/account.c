/* What every measure begins and ends with: clean lists, and an account of whether each stream got exactly what was committed. */
#include "load.h"

#include <stdio.h>

enum { LATE_TURNS = 5 };

List times_a = {.width = sizeof(double)}, times_b = {.width = sizeof(double)};

void note(List *list, double seconds) { *(double *)list_add(list) = seconds; }

double total(const List *list) {
    double sum = 0;
    for (size_t i = 0; i < list->used; i++) sum += ((double *)list->items)[i];
    return sum;
}

double per_second(double amount, double seconds) { return seconds > 0 ? amount / seconds : 0; }

void start_clean(void) {
    list_clear(&times_a);
    list_clear(&times_b);
    list_clear(&receipts);
    list_clear(&posted);
    failed_posts = 0;
    closed = 0;
    turn(0.02);
}

/* What was sent twice comes late: a few turns more before the account is taken. */
void print_end(Meter start) {
    double cpu = cpu_share(start);
    for (int i = 0; i < LATE_TURNS; i++) turn(0.02);
    int wrong = inexact_streams();
    bool exact = !wrong && !disorder && !closed && !endings && !failed_posts;
    printf("\"load_cpu\": %.3f, \"inexact\": %d, \"disorder\": %llu, \"closed\": %llu, \"failed_posts\": %d, "
           "\"last_failure\": %d, \"endings\": %llu, \"exact\": %s}\n",
           cpu, wrong, (unsigned long long)disorder, (unsigned long long)closed, failed_posts, last_failure,
           (unsigned long long)endings, exact ? "true" : "false");
}

bool round_done(void) { return in_flight == 0 && all_delivered(); }

/* A growing array, and the median and 99th percentile of one. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

void *list_add(List *list) {
    if (list->used == list->space) {
        list->space = list->space ? list->space * 2 : 1024;
        list->items = realloc(list->items, list->space * list->width);
        if (!list->items) die("realloc", "list");
    }
    return (char *)list->items + list->width * list->used++;
}

void list_clear(List *list) { list->used = 0; }

int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(List *sorted, double q) {
    if (!sorted->used) return 0;
    return ((double *)sorted->items)[(size_t)(q * (double)(sorted->used - 1))];
}

/* Prints milliseconds, sorting in place. */
void print_times(const char *name, List *seconds) {
    if (seconds->used) qsort(seconds->items, seconds->used, seconds->width, compare_doubles);
    printf("\"%s_p50_ms\": %.3f, \"%s_p99_ms\": %.3f, \"%s_max_ms\": %.3f, ", name, quantile(seconds, .5) * 1e3, name,
           quantile(seconds, .99) * 1e3, name, quantile(seconds, 1) * 1e3);
}

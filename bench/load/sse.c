/* Reads event streams by the starts of their lines: the end of a data line is searched with memchr and never kept.
   The lines of the HTTP answer and of chunked encoding pass through the same eyes. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

/* Spreads ids over 64 bits, so that equal sums mean equal sets. */
uint64_t mix(int64_t id) {
    uint64_t x = (uint64_t)id * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    return x ^ (x >> 27);
}

/* nchan's ids are SECONDS:SERIAL; ours are one number. */
static int64_t number(const char *p, const char *end) {
    int64_t n = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) n = n * 10 + (*p - '0');
    if (p < end && *p == ':') return n * 1000000 + number(p + 1, end);
    return n;
}

static bool starts(const char *line, size_t length, const char *with, size_t size) {
    return length >= size && memcmp(line, with, size) == 0;
}
#define STARTS(line, length, with) starts(line, length, with, sizeof with - 1)

/* From here on the stream counts as open. */
void place(Stream *s) {
    if (!s->positioned) positioned++;
    s->positioned = true;
}

static void position(Stream *s, int64_t id) {
    if (s->positioned && id < s->cursor) disorder++;
    place(s);
    s->cursor = id;
}

static void frame_end(Stream *s) {
    Sse *sse = &s->sse;
    if (sse->has_data && !sse->other_event) stream_message(s, sse->id);
    else if (sse->has_id) position(s, sse->id);
    sse->has_id = sse->has_data = sse->other_event = false;
}

/* Anything but 200 is a refusal; an empty line ends the headers. */
static void header(Stream *s, const char *line, size_t length) {
    if (STARTS(line, length, "HTTP/1.") && atoi(line + 9) != 200) {
        refused++;
        last_refusal = atoi(line + 9);
    }
    if (length == 1 && *line == '\r') s->sse.headers_done = true;
    if (foreign && s->sse.headers_done) place(s);
}

static void event_line(Sse *sse, const char *line, size_t length) {
    sse->other_event = !STARTS(line, length, "event: message");
    if (STARTS(line, length, "event: bye") || STARTS(line, length, "event: end") || STARTS(line, length, "event: reset"))
        endings++;
}

static void take_line(Stream *s, const char *line, size_t length) {
    Sse *sse = &s->sse;
    if (!sse->headers_done) {
        header(s, line, length);
    } else if (length == 0) {
        frame_end(s);
    } else if (STARTS(line, length, "id: ")) {
        sse->id = number(line + 4, line + length);
        sse->has_id = true;
    } else if (STARTS(line, length, "data:")) {
        sse->has_data = true;
    } else if (STARTS(line, length, "event:")) {
        event_line(sse, line, length);
    }
}

/* Only a line's start matters: what does not fit is let go. */
static void keep(Sse *sse, const char *bytes, size_t length) {
    size_t space = LINE_START - sse->used, taken = length < space ? length : space;
    memcpy(sse->line + sse->used, bytes, taken);
    sse->used += (uint8_t)taken;
}

void sse_feed(Stream *s, const char *bytes, size_t length) {
    const char *end = bytes + length;
    while (bytes < end) {
        const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
        if (!line_end) return keep(&s->sse, bytes, (size_t)(end - bytes));
        if (s->sse.used) {
            keep(&s->sse, bytes, (size_t)(line_end - bytes));
            take_line(s, s->sse.line, s->sse.used);
            s->sse.used = 0;
        } else {
            take_line(s, bytes, (size_t)(line_end - bytes));
        }
        bytes = line_end + 1;
    }
}

/* Where the server is, who asks, and for which rooms. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *server_host = "127.0.0.1";
int server_port;
char **people, **rooms;
int people_count, room_count;
int text_bytes = 64;
bool foreign;

static char *subscribe_path = "/api/v1/room/{}/subscribe", *post_path = "/api/v1/room/{}/messages";

void set_server(const char *host, int port) {
    server_host = strdup(host);
    server_port = port;
}

void set_paths(const char *subscribe, const char *post) {
    subscribe_path = strdup(subscribe);
    post_path = strdup(post);
}

/* The lines of a file, kept until the end of the process. */
static char **lines_of(const char *path, int *count) {
    FILE *file = fopen(path, "r");
    if (!file) die("open", path);
    List list = {.width = sizeof(char *)};
    char *line = NULL;
    size_t space = 0;
    for (ssize_t length; (length = getline(&line, &space, file)) > 0;) {
        line[strcspn(line, "\n")] = 0;
        *(char **)list_add(&list) = strdup(line);
    }
    fclose(file);
    free(line);
    *count = (int)list.used;
    return list.items;
}

void set_people(const char *path) { people = lines_of(path, &people_count); }

void set_rooms(const char *path) {
    rooms = lines_of(path, &room_count);
    if (room_count > MAX_ROOMS) die("too many rooms in", path);
    memset(ledgers, 0, sizeof ledgers);
}

static void fill(char out[PATH_BYTES], const char *path, const char *room) {
    const char *gap = strstr(path, "{}");
    if (gap) snprintf(out, PATH_BYTES, "%.*s%s%s", (int)(gap - path), path, room, gap + 2);
    else snprintf(out, PATH_BYTES, "%s", path);
}

void path_of_stream(char out[PATH_BYTES], int room) { fill(out, subscribe_path, rooms[room]); }
void path_of_post(char out[PATH_BYTES], int room) { fill(out, post_path, rooms[room]); }

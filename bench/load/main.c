/* The commands, one a line; each is answered by one line of JSON.

   server HOST PORT | people FILE | rooms FILE | paths SUBSCRIBE POST | text BYTES | foreign
   open STREAMS INFLIGHT | drop | resume INFLIGHT | seed MESSAGES_A_ROOM
   rounds MESSAGES | burst MESSAGES CONNECTIONS | posts SECONDS CONNECTIONS | paced SECONDS RATE CONNECTIONS
   floor STREAMS FRAME_BYTES | floor-python STREAMS FRAME_BYTES PYTHON SCRIPT | floor-rounds MESSAGES PAUSE_MICROSECONDS */
#include "load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 5 };

static void done(void) { printf("{\"measure\": \"done\"}\n"); }

static void do_server(char **w) { set_server(w[1], atoi(w[2])); done(); }
static void do_people(char **w) { set_people(w[1]); done(); }
static void do_rooms(char **w) { set_rooms(w[1]); done(); }
static void do_paths(char **w) { set_paths(w[1], w[2]); done(); }
static void do_foreign(char **w) { (void)w; foreign = true; done(); }
static void do_text(char **w) { text_bytes = atoi(w[1]) < 16384 ? atoi(w[1]) : 16384; done(); }
static void do_open(char **w) { streams_open(atoi(w[1]), atoi(w[2])); }
static void do_drop(char **w) { (void)w; streams_drop(); done(); }
static void do_resume(char **w) { streams_resume(atoi(w[1])); }
static void do_seed(char **w) { seed_messages(atoi(w[1])); }
static void do_rounds(char **w) { posters_connect(1); measure_rounds(atoi(w[1]), 0, post_one); }
static void do_burst(char **w) { measure_burst(atoi(w[1]), atoi(w[2])); }
static void do_posts(char **w) { measure_posts(atof(w[1]), atoi(w[2])); }
static void do_paced(char **w) { measure_paced(atof(w[1]), atof(w[2]), atoi(w[3])); }
static void do_floor(char **w) { floor_open(atoi(w[1]), atoi(w[2])); }
static void do_floor_python(char **w) { floor_in_python(w[3], w[4]); do_floor(w); }
static void do_floor_rounds(char **w) { measure_rounds(atoi(w[1]), atoi(w[2]), floor_send_one); }

static const struct {
    const char *name;
    int words;
    void (*run)(char **);
} COMMANDS[] = {
    {"server", 3, do_server}, {"people", 2, do_people}, {"rooms", 2, do_rooms},   {"paths", 3, do_paths},
    {"text", 2, do_text},     {"foreign", 1, do_foreign},
      {"open", 3, do_open},     {"drop", 1, do_drop},     {"resume", 2, do_resume},
    {"seed", 2, do_seed},     {"rounds", 2, do_rounds}, {"burst", 3, do_burst},   {"posts", 3, do_posts},
    {"paced", 4, do_paced},   {"floor", 3, do_floor}, {"floor-python", 5, do_floor_python},   {"floor-rounds", 3, do_floor_rounds},
};

static int split(char *line, char **words) {
    int count = 0;
    for (char *word = strtok(line, " \n"); word && count < MAX_WORDS; word = strtok(NULL, " \n")) words[count++] = word;
    return count;
}

static void obey(char *line) {
    char *words[MAX_WORDS];
    int count = split(line, words);
    for (size_t i = 0; count && i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (!strcmp(words[0], COMMANDS[i].name) && count == COMMANDS[i].words) {
            COMMANDS[i].run(words);
            return;
        }
    die("no such command:", count ? words[0] : "(nothing)");
}

int main(void) {
    char line[4096];
    signal(SIGPIPE, SIG_IGN);
    net_start();
    while (fgets(line, sizeof line, stdin)) {
        obey(line);
        fflush(stdout);
    }
    return 0;
}

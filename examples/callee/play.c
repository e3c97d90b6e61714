/*
 * play.c - what a number was told to do: a file -> words.
 *
 *     # number     play
 *     15550110001  ring 2s answer wait 4s press 2 hangup
 *     15550110002  status 486 each ring 1s answer
 *     *            ring 1s answer
 *
 * The words are those of od_sim_play() in liboutdial, so that one play works
 * for a simulated carrier and for this program.
 */
#include "callee.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 4200
#define WAIT_MAX_MS 86400000UL
#define PRESS_MS 250
#define BLANKS " \t\r\n;"
#define KEYS "0123456789*#ABCD"

static const char *const names[] = {"ring",   "answer", "wait",   "press",
                                    "hangup", "status", "silent", "each"};

/* The time of "4s" or "2500ms". */
static bool read_time(const char *text, unsigned *ms)
{
    char *unit = NULL;
    unsigned long number = strtoul(text, &unit, 10);
    bool seconds = strcmp(unit, "s") == 0;
    if (text[0] < '0' || text[0] > '9' || number > WAIT_MAX_MS ||
        (!seconds && strcmp(unit, "ms") != 0)) {
        return false;
    }
    number = seconds ? number * 1000 : number;
    *ms = (unsigned)number;
    return number <= WAIT_MAX_MS;
}

/* Append the word of this name; `save` has what follows it. */
static bool add_word(struct play *play, const char *name, char **save)
{
    struct word word = {.verb = RING};
    while (strcmp(names[word.verb], name) != 0) {
        if (word.verb++ == EACH) {
            return false;
        }
    }
    const char *argument = "";
    if (word.verb == RING || word.verb == WAIT || word.verb == PRESS ||
        word.verb == STATUS) {
        argument = strtok_r(NULL, BLANKS, save);
    }
    if (argument == NULL) {
        return false;
    }
    if (word.verb == RING || word.verb == WAIT) {
        if (!read_time(argument, &word.ms)) {
            return false;
        }
    } else if (word.verb == STATUS) {
        word.status = atoi(argument);
        if (strlen(argument) != 3 || word.status < 300 || word.status > 699) {
            return false;
        }
    } else if (word.verb == PRESS) {
        word.ms = PRESS_MS;
        for (; argument[1] != '\0'; argument++) {
            word.key = argument[0];
            play->words[play->len++] = word;
        }
        word.key = argument[0];
    }
    play->words[play->len++] = word;
    return true;
}

bool plays_add(struct play **plays, const char *line, int line_number)
{
    char text[LINE_BYTES];
    char *save = NULL;
    (void)snprintf(text, sizeof text, "%s", line);
    const char *number = strtok_r(text, " \t\r\n", &save);
    if (number == NULL || number[0] == '#') {
        return true;
    }
    /* No line has more words than bytes. */
    struct play *play = calloc(1, sizeof *play);
    struct word *words = calloc(strlen(line), sizeof *words);
    if (play == NULL || words == NULL) {
        abort();
    }
    play->words = words;
    (void)snprintf(play->number, sizeof play->number, "%s",
                   number[0] == '+' ? number + 1 : number);
    bool good = true;
    for (const char *name = strtok_r(NULL, BLANKS, &save); good && name != NULL;
         name = strtok_r(NULL, BLANKS, &save)) {
        good = add_word(play, name, &save);
        if (!good) {
            (void)fprintf(stderr, "callee: line %d: cannot do \"%s\"\n",
                          line_number, name);
        }
    }
    play->next = *plays;
    *plays = play;
    return good;
}

bool plays_read(struct play **plays, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        (void)fprintf(stderr, "callee: cannot read %s\n", path);
        return false;
    }
    char line[LINE_BYTES];
    bool good = true;
    for (int i = 1; good && fgets(line, sizeof line, file) != NULL; i++) {
        good = plays_add(plays, line, i);
    }
    (void)fclose(file);
    return good;
}

struct play *plays_find(struct play *plays, const char *number)
{
    struct play *any = NULL;
    for (struct play *play = plays; play != NULL; play = play->next) {
        if (strcmp(play->number, number) == 0) {
            return play;
        }
        any = strcmp(play->number, "*") == 0 ? play : any;
    }
    return any;
}

void plays_free(struct play *plays)
{
    while (plays != NULL) {
        struct play *next = plays->next;
        free(plays->words);
        free(plays);
        plays = next;
    }
}

const struct word *play_next(struct play *play, size_t *len)
{
    /* One part for each call; the last one repeats. */
    size_t begin = 0;
    size_t end = 0;
    unsigned part = 0;
    for (; end < play->len; end++) {
        if (play->words[end].verb == EACH) {
            if (part++ == play->calls) {
                break;
            }
            begin = end + 1;
        }
    }
    play->calls++;
    *len = end - begin;
    return &play->words[begin];
}

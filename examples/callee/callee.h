/*
 * callee.h - what the files of the example callee share.
 *
 * callee.c   options, the SIP socket, who is called: the way in
 * call.c     one call: its SIP session, its sound, its recording
 * play.c     what a number was told to do: a file -> words
 */
#ifndef CALLEE_H
#define CALLEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <re.h>

/* -- play.c --------------------------------------------------------------- */

enum verb { RING, ANSWER, WAIT, PRESS, HANGUP, STATUS, SILENT, EACH };

struct word {
    enum verb verb;
    unsigned ms; /* before the next word */
    int status;  /* STATUS */
    char key;    /* PRESS */
};

/* What one number does. Plays form a list; "*" is any number. */
struct play {
    struct play *next;
    char number[32];
    unsigned calls; /* so far */
    size_t len;
    struct word *words;
};

/* Add one line: "NUMBER PLAY". False: what is wrong was said on stderr. */
bool plays_add(struct play **plays, const char *line, int line_number);
bool plays_read(struct play **plays, const char *path);
struct play *plays_find(struct play *plays, const char *number);
void plays_free(struct play *plays);
/* The words of the next call, one at least. */
const struct word *play_next(struct play *play, size_t *len);

/* -- call.c --------------------------------------------------------------- */

struct callee {
    struct sip *sip;
    struct sipsess_sock *sessions;
    struct sa address;
    const char *record; /* folder or NULL */
    struct play *plays;
    struct list calls;
};

/* An INVITE came: answer it, by and by, as the play says. */
void call_begin(struct callee *callee, const struct sip_msg *invite,
                struct play *play, const char *number);
/* 20 ms have passed: send the next packet of every call. */
void calls_tick(struct callee *callee);
/* Hang up. */
void calls_end(struct callee *callee);

#endif

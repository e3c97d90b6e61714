/*
 * dial.h - part of cli.h: what the commands that place calls are made of,
 * trunks and carriers, how calls are told to go, and what is shown of them.
 */
#ifndef CLI_DIAL_H
#define CLI_DIAL_H

/* == spec.c =============================================================== */

#define CLI_SPEC_SIZE 1024

typedef cli_exit (*cli_spec_key)(const cli *c, const char *key,
                                 const char *value, void *ctx);
/* "a=b,c=d": each to `set`; keys and values stand in `copy`. */
cli_exit cli_spec_each(const cli *c, const char *option, const char *spec,
                       char copy[CLI_SPEC_SIZE], cli_spec_key set, void *ctx);

/* Where the values of keys go; tables end with a NULL key. */
typedef struct cli_spec_texts {
    const char *key;
    const char **field;
} cli_spec_texts;

typedef struct cli_spec_numbers {
    const char *key;
    int32_t *field; /* 1 to 65535 */
} cli_spec_numbers;

/* false: it is none of these keys. */
bool cli_spec_text(const cli_spec_texts *texts, const char *key,
                   const char *value);
/* The last that is asked: says that there is no such key. */
cli_exit cli_spec_number(const cli *c, const char *option,
                         const cli_spec_numbers *numbers, const char *key,
                         const char *value);
/* Which of two words. */
cli_exit cli_spec_word(const cli *c, const char *option, const char *zero,
                       const char *one, int32_t *field, const char *key,
                       const char *value);
/* The first line of a file. */
cli_exit cli_spec_password(const cli *c, const char *path, char *out,
                           size_t out_size);

/* == trunk.c, smpp.c ====================================================== */

/* A trunk and the memory its texts stand in. */
typedef struct cli_trunk {
    od_sip_trunk trunk;
    char spec[CLI_SPEC_SIZE];
    char password[256];
} cli_trunk;

typedef struct cli_smpp {
    od_smpp_trunk trunk;
    char spec[CLI_SPEC_SIZE];
    char password[64];
} cli_smpp;

/* "name=a,host=sip.example.com,user=u,password-file=F,..." */
cli_exit cli_trunk_parse(const cli *c, const char *spec, cli_trunk *out);
/* "host=smsc.example.com,user=u,password-file=F,window=100,..." */
cli_exit cli_smpp_parse(const cli *c, const char *spec, cli_smpp *out);

/* == carrier.c ============================================================ */

/* The same of texts. CLI_UNSET: none does, or as usual. */
typedef struct cli_texted {
    int64_t not_found;
    int64_t failed;
    int64_t throttled;
    int64_t unanswered;
    int64_t undelivered; /* of those that the network takes, as the next two */
    int64_t expired;
    int64_t silent;
    int64_t replies; /* of those delivered, as the next one */
    int64_t opt_outs;
    int64_t receipt_min;
    int64_t receipt_max;
    int64_t reply_after;
    const char *reply;
} cli_texted;

/* How many do what, in percent; times in ms. CLI_UNSET: as usual. */
typedef struct cli_crowd {
    int64_t answer;
    int64_t busy;
    int64_t declined;
    int64_t not_found;
    int64_t congestion;
    int64_t voicemail;
    int64_t failed;
    int64_t brief;   /* of those that answer */
    int64_t opt_out; /* of the people who answer */
    int64_t ring_min;
    int64_t ring_max;
    int64_t talk_min;
    int64_t talk_max;
    int64_t talk; /* od_sim_talk */
    int64_t key_after;
    int64_t machine_after;
    const char *keys;
    const char *opt_out_key;
    cli_texted texts;
} cli_crowd;

/* What all of `simulate`'s options say of the carrier. */
typedef struct cli_carrier {
    cli_crowd crowd;
    cli_list ranges; /* "+1212:answer=80,voicemail=20" */
    cli_list plays;
    cli_list text_plays;
    int64_t seed;
    int64_t trunks;
    int64_t trunk_calls;
    int64_t trunk_cps;
    int64_t trunk_tps;
    int64_t congestion_tps;
    int64_t congestion_cps;
    int64_t congestion_calls;
    int64_t retry_after;
} cli_carrier;

/* When a reply comes after the delivery, if not told otherwise. */
#define CLI_REPLY_AFTER_MS 60000

cli_exit cli_carrier_make(const cli *c, const cli_carrier *given,
                          od_transport **out);

/* == policy.c ============================================================= */

typedef struct cli_quota {
    int32_t answers; /* 0: none */
    char question[64];
    char choice[64];
} cli_quota;

/* "busy=10m/2": replaces what the options say of that disposition. */
cli_exit cli_retries_parse(const cli *c, const cli_list *texts,
                           od_campaign_options *options);
/* "busy=600s/2 declined=none" of those that are not the default. */
void cli_retries_text(const od_campaign_options *options, char *out,
                      size_t out_size);
/* "abandon=30" */
cli_exit cli_guards_parse(const cli *c, const cli_list *texts, od_guards *out);
/* "sample=50 short=300 ..." */
void cli_guards_text(const od_guards *given, char *out, size_t out_size);
/* "happy=Yes:100" or "none" */
cli_exit cli_quota_parse(const cli *c, const char *text, cli_quota *out);

/* == monitor.c ============================================================ */

#define CLI_FOLLOWED_MAX 64
#define CLI_MONITOR_NEWS 8
#define CLI_MONITOR_LINE 512

/* What `run` shows while it works. */
typedef struct cli_monitor {
    od_engine *engine;
    bool is_terminal;
    bool stopping;    /* Ctrl-C was pressed */
    int64_t every_ms; /* between two pictures, or two lines */
    int64_t began_mono_ms;
    int64_t drawn_mono_ms;            /* 0: never */
    int lines;                        /* of the last picture */
    od_id followed[CLI_FOLLOWED_MAX]; /* campaigns that ran */
    size_t followed_len;
    size_t news_len; /* events told so far; the last ones are kept */
    char news[CLI_MONITOR_NEWS][CLI_MONITOR_LINE];
} cli_monitor;

/* every_ms CLI_UNSET: five times a second on a terminal, else every 5 s. */
void cli_monitor_begin(cli_monitor *monitor, od_engine *engine,
                       int64_t every_ms);
void cli_monitor_follow(cli_monitor *monitor, od_id campaign);
void cli_monitor_event(cli_monitor *monitor, const od_event *event);
/* Draws if it is time, or at_once. */
void cli_monitor_draw(cli_monitor *monitor, bool at_once);

/* == events.c ============================================================= */

/* One line of JSON on stdout. */
void cli_event_json(const od_event *event);

#endif

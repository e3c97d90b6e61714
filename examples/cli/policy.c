/*
 * policy.c - the parts of a campaign that are small texts: retries, guards,
 * the quota; from the command line and back again.
 *
 *     busy=10m/2            what follows a call that ended in one way
 *     abandon=30            a share of 1000 that pauses the campaign
 *     happy=Yes:100         the answer that ends it when given so often
 */
#include "cli.h"

#include <string.h>

/* Split "name=value": the name into `name`, the value is returned; NULL if
 * there is none. */
static const char *split(const char *text, char *name, size_t name_size)
{
    size_t len = strcspn(text, "=");
    if (text[len] != '=' || len == 0 || len >= name_size) {
        return NULL;
    }
    memcpy(name, text, len);
    name[len] = '\0';
    return text + len + 1;
}

/* == retries =============================================================== */

static const int32_t retried[] = {
    OD_DISPOSITION_BUSY,       OD_DISPOSITION_NO_ANSWER,
    OD_DISPOSITION_DECLINED,   OD_DISPOSITION_FAILED,
    OD_DISPOSITION_CONGESTION, OD_DISPOSITION_MACHINE,
    OD_DISPOSITION_UNFINISHED, OD_DISPOSITION_UNDELIVERED};
#define RETRIED (sizeof retried / sizeof retried[0])

/* "no-answer" and "no_answer" are one. 0: no such disposition. */
static int32_t disposition_of(char *name)
{
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : *at;
    }
    for (size_t i = 0; i < RETRIED; i++) {
        if (strcmp(od_disposition_name(retried[i]), name) == 0) {
            return retried[i];
        }
    }
    return OD_DISPOSITION_NONE;
}

/* "10m", "10m/2", "/2", "none" or "default" */
static bool parse_retry(const char *text, od_retry *out)
{
    char span[32];
    size_t len = strcspn(text, "/");
    int64_t ms = 0;
    int64_t attempts = 0;
    if (strcmp(text, "none") == 0 || strcmp(text, "default") == 0) {
        *out = (od_retry){.delay_s = text[0] == 'n' ? OD_NONE : 0};
        return true;
    }
    if (len >= sizeof span) {
        return false;
    }
    memcpy(span, text, len);
    span[len] = '\0';
    bool delay = len == 0 || (cli_span_parse(span, &ms) && ms >= 1000 &&
                              ms / 1000 <= INT32_MAX);
    bool limit =
        text[len] == '\0' || (cli_int_parse(text + len + 1, &attempts) &&
                              attempts > 0 && attempts <= INT32_MAX);
    if (!delay || !limit || text[0] == '\0') {
        return false;
    }
    *out = (od_retry){.delay_s = (int32_t)((ms + 999) / 1000),
                      .attempts_max = (int32_t)attempts};
    return true;
}

cli_exit cli_retries_parse(const cli *c, const cli_list *texts,
                           od_campaign_options *options)
{
    for (size_t i = 0; i < texts->len; i++) {
        char name[32];
        od_retry retry;
        const char *value = split(texts->items[i], name, sizeof name);
        int32_t disposition = value != NULL ? disposition_of(name) : 0;
        if (disposition == 0 || !parse_retry(value, &retry)) {
            return cli_usage(c,
                             "--retry: \"%s\" is not like busy=10m/2, "
                             "no-answer=2h or declined=none",
                             texts->items[i]);
        }
        options->retries[disposition] = retry;
    }
    return CLI_OK;
}

void cli_retries_text(const od_campaign_options *options, char *out,
                      size_t out_size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < RETRIED && at < out_size; i++) {
        const od_retry *retry = &options->retries[retried[i]];
        char delay[24] = "";
        char limit[24] = "";
        if (retry->delay_s == 0 && retry->attempts_max == 0) {
            continue;
        }
        if (retry->delay_s != 0) {
            (void)snprintf(delay, sizeof delay, "%" PRId32 "s", retry->delay_s);
        }
        if (retry->attempts_max != 0) {
            (void)snprintf(limit, sizeof limit, "/%" PRId32,
                           retry->attempts_max);
        }
        at +=
            (size_t)snprintf(out + at, out_size - at, "%s%s=%s%s",
                             at > 0 ? " " : "", od_disposition_name(retried[i]),
                             retry->delay_s == OD_NONE ? "none" : delay, limit);
    }
}

/* == guards ================================================================ */

static const struct {
    const char *name;
    size_t offset;
} guards[] = {{"sample", offsetof(od_guards, sample)},
              {"short", offsetof(od_guards, short_max)},
              {"prefix", offsetof(od_guards, prefix_max)},
              {"unheard", offsetof(od_guards, unheard_max)},
              {"abandon", offsetof(od_guards, abandon_max)},
              {"brief", offsetof(od_guards, brief_max)}};
#define GUARDS (sizeof guards / sizeof guards[0])

/* A number, "none" or "default". */
static bool parse_guard(const char *text, int32_t *out)
{
    int64_t value = 0;
    if (strcmp(text, "none") == 0 || strcmp(text, "default") == 0) {
        *out = text[0] == 'n' ? OD_NONE : 0;
        return true;
    }
    if (!cli_int_parse(text, &value) || value < 1 || value > 1000) {
        return false;
    }
    *out = (int32_t)value;
    return true;
}

cli_exit cli_guards_parse(const cli *c, const cli_list *texts, od_guards *out)
{
    for (size_t i = 0; i < texts->len; i++) {
        char name[32];
        size_t at = 0;
        const char *value = split(texts->items[i], name, sizeof name);
        while (value != NULL && at < GUARDS &&
               strcmp(name, guards[at].name) != 0) {
            at++;
        }
        if (value == NULL || at == GUARDS ||
            !parse_guard(value, (int32_t *)((char *)out + guards[at].offset))) {
            return cli_usage(c,
                             "--guard: \"%s\" is not like abandon=30 or "
                             "brief=none; there are sample, short, prefix, "
                             "unheard, abandon, brief",
                             texts->items[i]);
        }
    }
    return CLI_OK;
}

void cli_guards_text(const od_guards *given, char *out, size_t out_size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < GUARDS && at < out_size; i++) {
        int32_t value =
            *(const int32_t *)((const char *)given + guards[i].offset);
        char number[16];
        (void)snprintf(number, sizeof number, "%" PRId32, value);
        at += (size_t)snprintf(out + at, out_size - at, "%s%s=%s",
                               i > 0 ? " " : "", guards[i].name,
                               value == OD_NONE ? "none" : number);
    }
}

/* == the quota ============================================================= */

/* "QUESTION=CHOICE:N"; a choice may hold colons, a question no '='. */
static bool parse_quota(const char *text, cli_quota *out)
{
    int64_t answers = 0;
    const char *choice = split(text, out->question, sizeof out->question);
    const char *number = choice != NULL ? strrchr(choice, ':') : NULL;
    if (number == NULL || number == choice ||
        (size_t)(number - choice) >= sizeof out->choice ||
        !cli_int_parse(number + 1, &answers) || answers < 1 ||
        answers > INT32_MAX) {
        return false;
    }
    memcpy(out->choice, choice, (size_t)(number - choice));
    out->choice[number - choice] = '\0';
    out->answers = (int32_t)answers;
    return true;
}

cli_exit cli_quota_parse(const cli *c, const char *text, cli_quota *out)
{
    memset(out, 0, sizeof *out);
    if (strcmp(text, "none") != 0 && !parse_quota(text, out)) {
        return cli_usage(c, "--quota: \"%s\" is not like happy=Yes:100", text);
    }
    return CLI_OK;
}

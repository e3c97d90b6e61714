/*
 * refuse.c - bad input changes nothing; see refuse.h.
 */
#include "support/refuse.h"

const od_id od_bad_ids[OD_BAD_IDS_LEN] = {
    0, -1, 4711, INT64_C(1) << 40, INT64_MAX, INT64_MIN,
};

const char *od_text_of(size_t len)
{
    static char text[70001];
    assert_true(len < sizeof text);
    memset(text, 'a', len);
    text[len] = '\0';
    return text;
}

/* -- what can be read -------------------------------------------------------- */

/* FNV-1a, text by text with its NUL. */
static void mix(uint64_t *digest, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    for (size_t i = 0; i < len; i++) {
        *digest = (*digest ^ b[i]) * 0x100000001b3u;
    }
}

static void mix_text(uint64_t *digest, const char *text)
{
    mix(digest, text, strlen(text) + 1);
}

static void mix_number(uint64_t *digest, int64_t number)
{
    mix(digest, &number, sizeof number);
}

static void mix_contacts(od_engine *e, uint64_t *digest)
{
    od_contact rows[16];
    size_t count = 0;
    assert_int_equal(od_contacts_list(e, 0, 0, rows, 16, &count), OD_OK);
    for (size_t i = 0; i < count; i++) {
        const od_contact *c = &rows[i];
        mix_number(digest, c->id);
        mix_text(digest, c->phone);
        mix_text(digest, c->first_name);
        mix_text(digest, c->last_name);
        mix_text(digest, c->email);
        mix_text(digest, c->company);
        mix_text(digest, c->notes);
        mix_text(digest, c->timezone);
        mix_text(digest, c->state);
        mix_text(digest, c->zip);
        mix_text(digest, c->phone2);
        mix_text(digest, c->phone3);
        mix_number(digest, c->line);
        for (size_t j = 0; j < c->fields_len; j++) {
            mix_text(digest, c->fields[j].name);
            mix_text(digest, c->fields[j].value);
        }
    }
}

static void mix_groups(od_engine *e, uint64_t *digest)
{
    od_group rows[16];
    size_t count = 0;
    assert_int_equal(od_groups_list(e, 0, rows, 16, &count), OD_OK);
    for (size_t i = 0; i < count; i++) {
        mix_number(digest, rows[i].id);
        mix_number(digest, rows[i].members);
        mix_number(digest, rows[i].fresh_utc_ms);
        mix_text(digest, rows[i].name);
    }
}

static void mix_campaigns(od_engine *e, uint64_t *digest)
{
    od_campaign_row rows[16];
    size_t count = 0;
    assert_int_equal(od_campaigns_list(e, 0, rows, 16, &count), OD_OK);
    for (size_t i = 0; i < count; i++) {
        od_campaign_stats stats;
        mix_number(digest, rows[i].id);
        mix_number(digest, rows[i].state);
        mix_text(digest, rows[i].name);
        memset(&stats, 0, sizeof stats);
        assert_int_equal(od_campaign_stats_get(e, rows[i].id, &stats), OD_OK);
        mix_number(digest, stats.contacts);
        mix_number(digest, stats.attempts);
    }
}

static void mix_library(od_engine *e, uint64_t *digest)
{
    od_media medias[16];
    od_survey surveys[16];
    od_dnc_entry entries[16];
    size_t count = 0;
    assert_int_equal(od_medias_list(e, 0, medias, 16, &count), OD_OK);
    for (size_t i = 0; i < count; i++) {
        mix_number(digest, medias[i].id);
        mix_text(digest, medias[i].name);
    }
    assert_int_equal(od_surveys_list(e, 0, surveys, 16, &count), OD_OK);
    for (size_t i = 0; i < count; i++) {
        mix_number(digest, surveys[i].id);
        mix_text(digest, surveys[i].name);
    }
    assert_int_equal(od_dnc_list(e, 0, entries, 16, &count), OD_OK);
    for (size_t i = 0; i < count; i++) {
        mix_number(digest, entries[i].id);
        mix_text(digest, entries[i].phone);
        mix_number(digest, entries[i].scope);
        mix_number(digest, entries[i].expires_utc_ms);
    }
}

/* The ledger stands for the rest: campaign options, calls, answers. */
static uint64_t digest_of(od_engine *e)
{
    uint64_t digest = 0xcbf29ce484222325u;
    int64_t rows = 0;
    uint8_t head[32];
    mix_groups(e, &digest);
    mix_contacts(e, &digest);
    mix_campaigns(e, &digest);
    mix_library(e, &digest);
    assert_int_equal(od_ledger_verify(e, &rows, head), OD_OK);
    mix_number(&digest, rows);
    mix(&digest, head, sizeof head);
    mix_number(&digest, (int64_t)od_engine_calls_live(e));
    return digest;
}

/* -- judging ------------------------------------------------------------------ */

static void complain(od_refuse *refuse, const char *call, const char *file,
                     int line, const char *what)
{
    print_error("%s:%d: %s\n    %s\n", file, line, call, what);
    refuse->failures++;
}

void od_refused(od_refuse *refuse, od_err want, od_err got, const char *text,
                const char *call, const char *file, int line)
{
    char what[700];
    if (got != want) {
        (void)snprintf(what, sizeof what, "%s, %s was expected (\"%s\")",
                       od_err_name(got), od_err_name(want), text);
        complain(refuse, call, file, line, what);
    } else if (text[0] == '\0' || strpbrk(text, "\r\n") != NULL) {
        complain(refuse, call, file, line, "it does not say why in one line");
    }
    uint64_t digest = digest_of(refuse->e);
    if (digest != refuse->digest) {
        complain(refuse, call, file, line, "it changed something");
        refuse->digest = digest;
    }
}

const char *od_refuse_errmsg(od_refuse *refuse)
{
    (void)snprintf(refuse->text.text, sizeof refuse->text.text, "%s",
                   od_engine_errmsg(refuse->e));
    return refuse->text.text;
}

void od_refuse_changed(od_refuse *refuse)
{
    refuse->digest = digest_of(refuse->e);
}

void od_refuse_check(od_refuse *refuse)
{
    int failures = refuse->failures;
    refuse->failures = 0;
    assert_int_equal(failures, 0);
}

/* -- the world ---------------------------------------------------------------- */

static od_id add_campaign(od_refuse *r, const char *name)
{
    od_campaign_options o;
    od_id id = 0;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = name;
    o.caller_id = "+12125550100";
    o.groups = &r->group;
    o.groups_len = 1;
    o.prompts = &r->prompt;
    o.prompts_len = 1;
    assert_int_equal(od_campaign_add(r->e, &o, &id), OD_OK);
    return id;
}

int od_refuse_setup(void **state)
{
    static const char survey[] = "survey Short\nquestion q\n  play asked\n"
                                 "  key 1 Yes -> end\n";
    od_dnc_entry entry = {.phone = "+12125550199", .reason = "asked"};
    od_refuse *r = calloc(1, sizeof *r);
    assert_non_null(r);
    od_world_init(&r->world, od_world_time("2027-05-12T16:00:00Z"), 7);
    od_world_open(&r->world, NULL);
    r->e = r->world.engine;
    assert_int_equal(od_group_add(r->e, "people", &r->group), OD_OK);
    assert_int_equal(od_group_add(r->e, "empty", &r->group_empty), OD_OK);
    r->contact = od_world_contact(&r->world, r->group, "+12125550123", NULL);
    (void)od_world_contact(&r->world, r->group, "+12125550124", NULL);
    r->prompt = od_world_prompt(&r->world, "hello", 1000);
    r->prompt_asked = od_world_prompt(&r->world, "asked", 500);
    assert_int_equal(od_survey_add(r->e, survey, strlen(survey), &r->survey),
                     OD_OK);
    assert_int_equal(od_dnc_add(r->e, &entry), OD_OK);
    r->done = add_campaign(r, "done");
    assert_int_equal(od_sim_play(r->world.sim, "+12125550123",
                                 "ring 1s answer wait 5s hangup", NULL),
                     OD_OK);
    assert_int_equal(od_sim_play(r->world.sim, "+12125550124",
                                 "ring 1s answer wait 5s hangup", NULL),
                     OD_OK);
    assert_int_equal(od_campaign_start(r->e, r->done), OD_OK);
    assert_true(od_world_run_to_state(&r->world, r->done,
                                      OD_CAMPAIGN_COMPLETED, 600000));
    r->idle = add_campaign(r, "idle");
    r->digest = digest_of(r->e);
    *state = r;
    return 0;
}

int od_refuse_teardown(void **state)
{
    od_refuse *r = *state;
    od_world_close(&r->world);
    free(r);
    return 0;
}

/*
 * test_compose.c - what a contact gets: the template, the opt-out behind it,
 * and what is held back.
 */
#include "support/test.h"

#include "core/core.h"

typedef struct desk {
    od_engine *engine;
    od_campaign_record campaign;
    od__composer *composer;
    od_contact_record contact;
    od__composed out;
} desk;

static int setup(void **state)
{
    desk *d = calloc(1, sizeof *d);
    assert_non_null(d);
    d->engine = calloc(1, sizeof *d->engine);
    assert_non_null(d->engine);
    d->campaign.channel = OD_CHANNEL_TEXT;
    d->contact.phone = UINT64_C(12125551000);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    desk *d = *state;
    od__composer_free(d->composer);
    free(d->engine);
    free(d);
    return 0;
}

static void set(char *out, size_t size, const char *text)
{
    assert_true(strlen(text) < size);
    memcpy(out, text, strlen(text) + 1);
}

/* Compose anew; `opt_out` may be NULL. */
static const od__composed *compose(desk *d, const char *text,
                                   const char *opt_out)
{
    set(d->campaign.text, sizeof d->campaign.text, text);
    set(d->campaign.opt_out_text, sizeof d->campaign.opt_out_text,
        opt_out != NULL ? opt_out : "");
    od__composer_free(d->composer);
    d->composer = NULL;
    assert_int_equal(od__composer_new(d->engine, &d->campaign, &d->composer),
                     OD_OK);
    od__compose(d->composer, &d->contact, &d->out);
    return &d->out;
}

static void allows(const od__composed *c, const char *text)
{
    assert_string_equal(c->why, "");
    assert_int_equal(c->verdict.kind, OD_VERDICT_ALLOW);
    assert_int_equal(c->verdict.reason, OD_REASON_NONE);
    assert_string_equal(c->info->text, text);
}

static void blocks(const od__composed *c, const char *why)
{
    assert_int_equal(c->verdict.kind, OD_VERDICT_BLOCK);
    assert_int_equal(c->verdict.reason, OD_REASON_TEXT);
    assert_string_equal(c->why, why);
}

static void test_compose_renders(void **state)
{
    desk *d = *state;
    const od_field fields[] = {{"plan", "Gold"}};
    d->contact.contact.first_name = "Ann";
    d->contact.contact.fields = fields;
    d->contact.contact.fields_len = 1;
    allows(compose(d, "{{First_Name}} {{plan}} {{phone}} {{phone2|-}}", NULL),
           "Ann Gold +12125551000 -");
    assert_int_equal(d->out.info->segments, 1);
    assert_int_equal(d->out.info->encoding, OD_TEXT_ENCODING_GSM);
    d->contact.contact.first_name = "\xf0\x9f\x98\x80";
    allows(compose(d, "{{first_name}}", NULL), "\xf0\x9f\x98\x80");
    assert_int_equal(d->out.info->encoding, OD_TEXT_ENCODING_UCS2);
}

/* One after the other: nothing of a contact stays behind. */
static void test_compose_again(void **state)
{
    desk *d = *state;
    d->contact.contact.first_name = "Ann";
    allows(compose(d, "Hi {{first_name}}", "Reply STOP"), "Hi Ann Reply STOP");
    d->contact.contact.first_name = NULL;
    od__compose(d->composer, &d->contact, &d->out);
    blocks(&d->out, "field first_name is empty and has no default");
    assert_string_equal(d->out.lacks, "first_name");
    d->contact.contact.first_name = "Bob, reply STOP";
    od__compose(d->composer, &d->contact, &d->out);
    allows(&d->out, "Hi Bob, reply STOP");
    assert_false(d->out.opts_out);
    assert_null(d->out.lacks);
}

static void test_compose_blocks(void **state)
{
    desk *d = *state;
    char x[OD_MESSAGE_MAX + 1];
    blocks(compose(d, "  ", NULL), "its text is empty");
    /* What only says how to opt out says nothing. */
    blocks(compose(d, "{{first_name|}}", "Reply STOP"), "its text is empty");
    d->contact.contact.first_name = " ";
    blocks(compose(d, "Hi {{first_name}}", NULL),
           "field first_name is empty and has no default");
    memset(x, 'x', sizeof x);
    x[10 * 153 + 1] = '\0';
    blocks(compose(d, x, NULL), "its text is longer than 10 segments");
    x[10 * 153] = '\0';
    allows(compose(d, x, NULL), x);
    d->campaign.text_policy = OD_TEXT_POLICY_REFUSE;
    blocks(compose(d, x, NULL), "its text is longer than 1 segment");
    x[160] = '\0';
    allows(compose(d, x, NULL), x);
    x[0] = '\xc3';
    x[1] = '\x81'; /* A with acute: UCS-2 */
    blocks(compose(d, x, NULL),
           "its text is longer than 1 segment, and needs UCS-2");
    d->campaign.transliterate = 1;
    const od__composed *c = compose(d, x, NULL);
    assert_int_equal(c->verdict.kind, OD_VERDICT_ALLOW);
    assert_int_equal(c->info->text[0], 'A');
}

/* What a contact has in a field can make a text longer than any may be. */
static void test_compose_beyond_all_bounds(void **state)
{
    desk *d = *state;
    char notes[3001];
    memset(notes, 'n', sizeof notes - 1);
    notes[sizeof notes - 1] = '\0';
    d->contact.contact.notes = notes;
    d->campaign.text_policy = OD_TEXT_POLICY_CUT;
    blocks(compose(d, "{{notes}}{{notes}}", "Reply STOP"),
           "its text is longer than 1 segment");
}

/* No trunk takes texts as long as that. */
static void test_compose_for_trunks(void **state)
{
    desk *d = *state;
    d->engine->trunks_len = 2;
    d->engine->trunks[0].info.texts_max = 5;
    d->engine->trunks[0].info.text_bytes_max = 6;
    d->engine->trunks[1].info.calls_max = 5; /* carries no texts */
    allows(compose(d, "123456", NULL), "123456");
    blocks(compose(d, "1234567", NULL),
           "its text is longer than the 6 bytes that a trunk takes");
    d->engine->trunks[1].info.texts_max = 1;
    allows(compose(d, "1234567", NULL), "1234567");
}

static void test_compose_puts_the_opt_out_behind(void **state)
{
    static const char stop[] = "Reply STOP to end";
    desk *d = *state;
    allows(compose(d, "Sale today", stop), "Sale today Reply STOP to end");
    assert_true(d->out.opts_out);
    allows(compose(d, "Bus stop closed", stop),
           "Bus stop closed Reply STOP to end");
    allows(compose(d, "Sale. Text STOP to opt out", stop),
           "Sale. Text STOP to opt out");
    assert_false(d->out.opts_out);
    allows(compose(d, "Sale. reply stop", stop), "Sale. reply stop");
}

/* Where a text is cut, what tells how to opt out is not. */
static void test_compose_cuts_in_front_of_the_opt_out(void **state)
{
    static const char stop[] = "Reply STOP to end";
    desk *d = *state;
    char text[400] = "";
    d->campaign.text_policy = OD_TEXT_POLICY_CUT;
    for (int i = 0; i < 40; i++) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       "word%02d ", i);
    }
    const od__composed *c = compose(d, text, stop);
    assert_int_equal(c->verdict.kind, OD_VERDICT_ALLOW);
    assert_int_equal(c->info->segments, 1);
    assert_true(c->info->cut);
    size_t len = strlen(c->info->text);
    /* 20 words of 7 with their blanks, less the last: 139, 18 behind it. */
    assert_int_equal(len, 139 + 1 + strlen(stop));
    assert_string_equal(c->info->text + len - strlen(stop) - 7,
                        "word19 Reply STOP to end");
    /* One word that is too long is cut within. */
    memset(text, 'x', sizeof text - 1);
    c = compose(d, text, stop);
    assert_int_equal(strlen(c->info->text), 160);
    assert_string_equal(c->info->text + 160 - strlen(stop) - 2,
                        "x Reply STOP to end");
    /* What is left when there is no room for anything is not sent. */
    memset(text, 'S', sizeof text - 1);
    text[200] = '\0';
    c = compose(d, "Sale", text);
    blocks(c, "its text is longer than 1 segment");
}

/* Whatever the contact, the policy and the opt-out: the text that goes fits,
 * is valid, and tells how to opt out. */
static void test_compose_cut_at_random(void **state)
{
    static const char *const parts[] = {"a",
                                        " ",
                                        "word ",
                                        "\xc3\xa9",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80",
                                        "\xe2\x80\x9c",
                                        "\n",
                                        "long-long-long-word",
                                        "\xc5\x82"};
    static const char stop[] = "Reply STOP \xc3\xa0 fin";
    desk *d = *state;
    od__rand rand = {.state = 20270310};
    print_message("seed 20270310\n");
    for (int run = 0; run < 2000; run++) {
        char text[2048] = "";
        size_t len = 0;
        size_t want = od__rand_next(&rand) % 1200;
        while (len < want) {
            const char *part = parts[od__rand_next(&rand) % OD__LEN(parts)];
            memcpy(text + len, part, strlen(part) + 1);
            len += strlen(part);
        }
        d->campaign.text_policy = OD_TEXT_POLICY_CUT;
        d->campaign.segments_max = 1 + (int32_t)(od__rand_next(&rand) % 4);
        d->campaign.transliterate = (int32_t)(od__rand_next(&rand) & 1);
        const od__composed *c = compose(d, text, stop);
        if (c->verdict.kind != OD_VERDICT_ALLOW) {
            assert_true(od__value_is_empty(text) || c->info->segments == 0);
            continue;
        }
        size_t out = strlen(c->info->text);
        assert_true(od__utf8_is_valid(c->info->text, out));
        assert_in_range(c->info->segments, 1, d->campaign.segments_max);
        assert_string_equal(c->info->text + out - strlen(stop), stop);
        assert_int_equal(c->info->text[out - strlen(stop) - 1], ' ');
    }
}

static void test_compose_not_a_template(void **state)
{
    desk *d = *state;
    od__composer *none = NULL;
    set(d->campaign.text, sizeof d->campaign.text, "Hi {{");
    assert_int_equal(od__composer_new(d->engine, &d->campaign, &none),
                     OD_ERR_FORMAT);
    assert_null(none);
}

static void test_compose_is_of(void **state)
{
    (void)state;
    static od_campaign_record a;
    static od_campaign_record b;
    assert_true(od__composer_is_of(&a, &b));
    b.text[0] = 'x';
    assert_false(od__composer_is_of(&a, &b));
    b = a;
    b.opt_out_text[0] = 'x';
    assert_false(od__composer_is_of(&a, &b));
    b = a;
    b.transliterate = 1;
    assert_false(od__composer_is_of(&a, &b));
    b = a;
    b.segments_max = 2;
    assert_false(od__composer_is_of(&a, &b));
    b = a;
    b.text_policy = OD_TEXT_POLICY_CUT;
    assert_false(od__composer_is_of(&a, &b));
    b = a;
    b.confirm_text[0] = 'x';
    assert_true(od__composer_is_of(&a, &b));
}

/* A damaged store says what no option lets through. */
static void test_compose_damaged_options(void **state)
{
    desk *d = *state;
    od_text_options o;
    d->campaign.text_policy = 77;
    d->campaign.segments_max = -5;
    od__text_options_of(&d->campaign, &o);
    assert_int_equal(o.policy, OD_TEXT_POLICY_SPLIT);
    assert_int_equal(o.segments_max, OD_SEGMENTS_MAX);
    allows(compose(d, "Hi", NULL), "Hi");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_compose_renders),
        T(test_compose_again),
        T(test_compose_blocks),
        T(test_compose_beyond_all_bounds),
        T(test_compose_for_trunks),
        T(test_compose_puts_the_opt_out_behind),
        T(test_compose_cuts_in_front_of_the_opt_out),
        T(test_compose_cut_at_random),
        T(test_compose_not_a_template),
        cmocka_unit_test(test_compose_is_of),
        T(test_compose_damaged_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

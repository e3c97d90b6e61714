/*
 * test_text_torn.c - 100,000 templates, texts and replies that were damaged:
 * understood or refused, never more.
 *
 * Seeded mutations of valid ones: bytes flipped, cut, doubled, moved; braces,
 * characters of every kind and broken UTF-8 in wrong places. Each is passed at
 * its exact size. A template that is accepted is rendered into a buffer of any
 * size; a text that is accepted keeps what its figures promise.
 */
#include "support/test.h"

#include "text/text.h"

#define TEXTS 100000
#define TEXT_MAX 2048

static const char *const valid[] = {
    "Hi {{first_name|there}}, your appointment at {{company}} is on "
    "{{date}} at {{time|noon}}. Reply STOP to end. {{{{code}}}}",
    "“It’s time” – María’s café… 5€ [off] today, 🎉🎉🎉 and ½ more on Ж",
    "Please stop texting me. Thank you!",
    "{{a}}{{b|}}{{c|d}}{{{{}}}}",
    "ＳＴＯＰ　ＡＬＬ，thank you",
};

static const char *const words[] = {
    "{{",   "}}",     "{{{{",  "}}}}",   "{",          "}",     "|",
    "stop", "{{a}}",  "{{|}}", "\n",     "please ",    "end ",  ". ",
    "€",    "😀",     "Ж",     "’",      "é",          "e\xcc\x81",
    "\xff", "\xc3",   "\xe2\x82",        "\xf0\x9f",   "\xed\xa0\x80",
    "\xe2\x80\x8d",   "\xc2\xa0",        "[",          "\xf4\x90\x80\x80",
};

typedef struct text {
    size_t len;
    char bytes[TEXT_MAX];
} text;

static void insert(text *t, size_t at, const char *bytes, size_t len)
{
    if (t->len + len > TEXT_MAX) {
        return;
    }
    memmove(t->bytes + at + len, t->bytes + at, t->len - at);
    memcpy(t->bytes + at, bytes, len);
    t->len += len;
}

static void cut(text *t, size_t at, size_t len)
{
    len = len < t->len - at ? len : t->len - at;
    memmove(t->bytes + at, t->bytes + at + len, t->len - at - len);
    t->len -= len;
}

static void mutate(text *t, od__rand *rand)
{
    size_t at = od__rand_below(rand, t->len + 1);
    size_t len = 1 + od__rand_below(rand, 60);
    char piece[64];
    const char *word = words[od__rand_below(rand, OD__LEN(words))];
    switch (od__rand_below(rand, 7)) {
    case 0:
        cut(t, at, len);
        break;
    case 1:
        insert(t, at, word, strlen(word));
        break;
    case 2: /* double a piece, somewhere else */
        len = len < t->len - at ? len : t->len - at;
        memcpy(piece, t->bytes + at, len);
        insert(t, od__rand_below(rand, t->len + 1), piece, len);
        break;
    case 3:
        if (at < t->len) { /* no NUL: that ends a text */
            t->bytes[at] = (char)(1 + od__rand_below(rand, 255));
        }
        break;
    case 4:
        t->len = at; /* torn off */
        break;
    case 5: /* the same again, up to the length that a text may have */
        for (size_t n = od__rand_below(rand, 200); n > 0; n--) {
            insert(t, at, word, strlen(word));
        }
        break;
    default:
        memset(piece, 'a' + (int)od__rand_below(rand, 26), sizeof piece);
        insert(t, at, piece, sizeof piece);
        break;
    }
}

/* -- what is accepted ------------------------------------------------------ */

typedef struct given {
    od__rand *rand;
    char bytes[64];
} given;

/* Any value: none, blanks, a text. */
static const char *value_of(void *ctx, size_t field)
{
    given *g = ctx;
    assert_true(field < OD_TEMPLATE_FIELDS_MAX);
    switch (od__rand_below(g->rand, 4)) {
    case 0:
        return NULL;
    case 1:
        return " ";
    default:
        (void)snprintf(g->bytes, sizeof g->bytes, "{{%zu}}ж😀", field);
        return g->bytes;
    }
}

static void check_template(const od__template *t, od__rand *rand)
{
    given g = {.rand = rand};
    assert_in_range(t->pieces_len, 0, OD__TEMPLATE_PIECES_MAX);
    assert_in_range(t->fields_len, 0, OD_TEMPLATE_FIELDS_MAX);
    for (size_t i = 0; i < t->pieces_len; i++) {
        const od__piece *p = &t->pieces[i];
        assert_in_range((size_t)p->at + p->len, 0, t->text_len);
        assert_true(p->field == OD_NONE ||
                    (p->field >= 0 && (size_t)p->field < t->fields_len));
    }
    size_t size = 1 + od__rand_below(rand, OD_MESSAGE_MAX + 1);
    char *out = malloc(size);
    assert_non_null(out);
    (void)od__template_render(t, value_of, &g, out, size);
    assert_true(od__utf8_is_valid(out, strlen(out)));
    free(out);
}

static bool try_template(const char *exact, od__rand *rand)
{
    static od__template t;
    od_errmsg errmsg = {""};
    od_err err = od__template_compile(&t, exact, NULL, NULL, &errmsg);
    if (err == OD_OK) {
        check_template(&t, rand);
        return true;
    }
    if (err == OD_ERR_FORMAT) {
        assert_memory_equal(errmsg.text, "character ", 10);
    } else {
        assert_int_equal(err, OD_ERR_INVALID);
    }
    return false;
}

static bool try_text(const char *exact, od__rand *rand)
{
    od_text_options o;
    od_text_info m;
    od_text_options_init(&o);
    o.policy = (int32_t)od__rand_below(rand, 3);
    o.segments_max = (int32_t)od__rand_below(rand, 2);
    o.transliterate = od__rand_below(rand, 2) == 0;
    if (od_text_measure(exact, &o, &m, NULL) != OD_OK) {
        return false;
    }
    assert_true(od__utf8_is_valid(m.text, strlen(m.text)));
    assert_true(m.segments * m.segment_units >= m.units);
    assert_true(m.segments == 0 ||
                (m.segments - 1) * (m.segment_units - 1) < m.units);
    assert_int_equal(m.segments == 0, m.text[0] == '\0');
    assert_false(m.refused && m.cut);
    assert_int_equal(m.encoding == OD_TEXT_ENCODING_UCS2, m.ucs2_code != 0);
    if (m.ucs2_code != 0) {
        assert_memory_equal(exact + m.ucs2_byte, m.ucs2_text,
                            strlen(m.ucs2_text));
        assert_int_equal(od__gsm_units((uint32_t)m.ucs2_code), 0);
    }
    return true;
}

static void test_text_torn(void **state)
{
    (void)state;
    od__rand rand = {.state = od_test_seed(6)};
    int templates = 0;
    int texts = 0;
    int replies[4] = {0};
    for (int i = 0; i < TEXTS; i++) {
        const char *from = valid[od__rand_below(&rand, OD__LEN(valid))];
        text t;
        t.len = strlen(from);
        memcpy(t.bytes, from, t.len);
        for (size_t n = 1 + od__rand_below(&rand, 4); n > 0; n--) {
            mutate(&t, &rand);
        }
        /* At its exact size, so that reading beyond it is seen. */
        char *exact = malloc(t.len + 1);
        assert_non_null(exact);
        memcpy(exact, t.bytes, t.len);
        exact[t.len] = '\0';
        templates += try_template(exact, &rand) ? 1 : 0;
        texts += try_text(exact, &rand) ? 1 : 0;
        od_reply_kind kind = od_reply_classify(exact, -1);
        assert_in_range(kind, OD_REPLY_OTHER, OD_REPLY_HELP);
        replies[kind]++;
        free(exact);
    }
    print_message("%d templates, %d texts, %d opt-outs of %d\n", templates,
                  texts, replies[OD_REPLY_OPT_OUT], TEXTS);
    assert_in_range(templates, TEXTS / 20, TEXTS - TEXTS / 20);
    assert_in_range(texts, TEXTS / 4, TEXTS - TEXTS / 20);
    assert_in_range(replies[OD_REPLY_OPT_OUT], TEXTS / 100, TEXTS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_torn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

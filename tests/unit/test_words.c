/*
 * test_words.c - what replies ask for: each word, its spellings, and what only
 * looks like one.
 */
#include "support/test.h"

#include "text/text.h"

#define OTHER OD_REPLY_OTHER
#define OPT_OUT OD_REPLY_OPT_OUT
#define START OD_REPLY_START
#define HELP OD_REPLY_HELP

typedef struct reply {
    const char *text;
    od_reply_kind kind;
} reply;

static void check(const reply *replies, size_t len)
{
    int failures = 0;
    for (size_t i = 0; i < len; i++) {
        od_reply_kind got = od_reply_classify(replies[i].text, 0);
        if (got != replies[i].kind) {
            print_error("\"%s\" is %s: %s expected\n", replies[i].text,
                        od_reply_kind_name(got),
                        od_reply_kind_name(replies[i].kind));
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

/* The words of the rule and of carriers. */
static const reply keywords[] = {
    {"STOP", OPT_OUT},        {"STOPALL", OPT_OUT}, {"STOP ALL", OPT_OUT},
    {"UNSUBSCRIBE", OPT_OUT}, {"CANCEL", OPT_OUT},  {"END", OPT_OUT},
    {"QUIT", OPT_OUT},        {"REVOKE", OPT_OUT},  {"OPT OUT", OPT_OUT},
    {"OPTOUT", OPT_OUT},      {"OPT-OUT", OPT_OUT}, {"ARRET", OPT_OUT},
    {"ARRÊT", OPT_OUT},       {"START", START},     {"UNSTOP", START},
    {"HELP", HELP},           {"INFO", HELP},
};

static void test_words_keywords(void **state)
{
    (void)state;
    check(keywords, OD__LEN(keywords));
}

/* A keyword in every usual disguise is the same keyword. */
static void test_words_disguises(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "%s",     " %s",         "%s ",        "  %s\n",     "\r\n%s\r\n",
        "%s.",    "%s!",         "%s!!!",      "%s?",        "\"%s\"",
        "'%s'",   "(%s)",        "*%s*",       "#%s",        "“%s”",
        "%s…",    "%s\xf0\x9f\x9b\x91",        "\xe2\x80\x8b%s\xef\xbb\xbf",
        "\t%s\t", "\xc2\xa0%s\xc2\xa0",        "\xe3\x80\x80%s\xe3\x80\x82",
        "-%s-",   ">%s",         "%s :)",      "... %s ...", "%s,",
    };
    for (size_t i = 0; i < OD__LEN(keywords); i++) {
        for (size_t j = 0; j < OD__LEN(frames); j++) {
            for (int upper = 0; upper < 2; upper++) {
                char text[128];
                char word[32];
                (void)snprintf(word, sizeof word, "%s", keywords[i].text);
                for (char *c = word; *c != '\0' && upper == 0; c++) {
                    *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
                }
                (void)snprintf(text, sizeof text, frames[j], word);
                check(&(reply){text, keywords[i].kind}, 1);
            }
        }
    }
}

/* As full-width, bold, circled and squared letters. */
static void test_words_compatibility_forms(void **state)
{
    (void)state;
    static const uint32_t alphabets[] = {0xff21,  0xff41,  0x1d400, 0x1d41a,
                                         0x1d468, 0x1d4d0, 0x1d5d4, 0x1d670,
                                         0x1d68a, 0x24b6,  0x24d0,  0x249c,
                                         0x1f110, 0x1f130, 0x1f150, 0x1f170};
    for (size_t i = 0; i < OD__LEN(keywords); i++) {
        if (strpbrk(keywords[i].text, " -\xc3") != NULL) {
            continue;
        }
        for (size_t j = 0; j < OD__LEN(alphabets); j++) {
            char text[128];
            size_t len = 0;
            for (const char *c = keywords[i].text; *c != '\0'; c++) {
                len += od__char_put(alphabets[j] + (uint32_t)(*c - 'A'),
                                    text + len);
            }
            text[len] = '\0';
            check(&(reply){text, keywords[i].kind}, 1);
        }
    }
}

static void test_words_replies(void **state)
{
    (void)state;
    static const reply replies[] = {
        /* Courtesy. */
        {"Stop. Thank you", OPT_OUT},
        {"STOP please", OPT_OUT},
        {"Please stop", OPT_OUT},
        {"pls stop!", OPT_OUT},
        {"stop, please", OPT_OUT},
        {"Stop thanks", OPT_OUT},
        {"Unsubscribe, thank you very", OTHER},
        {"Thanks. Stop.", OPT_OUT},
        {"Hi, please stop, thank you", OPT_OUT},
        {"no thanks, stop", OPT_OUT},
        {"END please", OPT_OUT},
        {"please cancel", OPT_OUT},
        {"Cancel, thanks!", OPT_OUT},
        {"quit. thx", OPT_OUT},
        {"Arrêt s'il vous plaît", OPT_OUT},
        {"ARRE\xcc\x82T SVP", OPT_OUT},
        {"STOP\nSent from my iPhone", OPT_OUT},
        {"stop \xf0\x9f\x99\x8f thank you", OPT_OUT},
        /* What is to stop. */
        {"stop texting me", OPT_OUT},
        {"Stop messaging me!!!", OPT_OUT},
        {"please stop sending me these messages", OPT_OUT},
        {"STOP NOW", OPT_OUT},
        {"stop it", OPT_OUT},
        {"Stop the spam already", OPT_OUT},
        {"unsubscribe me", OPT_OUT},
        {"unsubscribe me from this list", OPT_OUT},
        {"Please opt me out", OPT_OUT},
        {"please opt me out of all messages", OPT_OUT},
        {"I revoke my consent", OTHER}, /* for a person to read */
        {"revoke my consent", OPT_OUT},
        {"STOP to end", OPT_OUT},
        {"Text STOP to opt out", OPT_OUT},
        /* Again and again, misspelt, spelt out. */
        {"STOP STOP STOP", OPT_OUT},
        {"stop. unsubscribe. cancel.", OPT_OUT},
        {"end end", OPT_OUT},
        {"S.T.O.P.", OPT_OUT},
        {"S T O P", OPT_OUT},
        {"stop-all", OPT_OUT},
        {"opt_out", OPT_OUT},
        {"Opt  Out", OPT_OUT},
        {"Unsub", OPT_OUT},
        {"unsuscribe", OPT_OUT},
        {"st\xc3\xb6p", OPT_OUT},
        {"ＳＴＯＰ　ＡＬＬ", OPT_OUT},
        /* A sentence of its own. */
        {"Stop. I never signed up for this", OPT_OUT},
        {"STOP! Who are you?", OPT_OUT},
        {"stop texting me. i already told you", OPT_OUT},
        {"Stop\nI mean it", OPT_OUT},
        {"Unsubscribe. You have the wrong number", OPT_OUT},
        /* Part of one. */
        {"please don't stop", OTHER},
        {"Please don\xe2\x80\x99t stop", OTHER},
        {"dont stop", OTHER},
        {"do not stop", OTHER},
        {"don't stop me now", OTHER},
        {"never stop", OTHER},
        {"stop by tomorrow?", OTHER},
        {"Stop by tomorrow. Thank you", OTHER},
        {"stop, but not today", OTHER},
        {"Stop? Why would I?", OTHER},
        {"stop at the store", OTHER},
        {"bus stop", OTHER},
        {"the next stop please", OTHER},
        {"non-stop", OTHER},
        {"nonstop", OTHER},
        {"stopping", OTHER},
        {"stopped", OTHER},
        {"stops", OTHER},
        {"Stop... hammer time", OTHER},
        {"stop.com", OTHER},
        {"stop 5", OTHER},
        {"stop & shop", OTHER},
        {"stop start", OTHER},
        {"when will you stop", OTHER},
        {"can you stop it?", OTHER},
        {"end of month works", OTHER},
        {"The end", OTHER},
        {"weekend", OTHER},
        {"End it", OTHER},
        {"ending", OTHER},
        {"end. of story", OTHER},
        {"END\nSent from my iPhone", OPT_OUT},
        {"I quit smoking", OTHER},
        {"quit smoking", OTHER},
        {"Quit. Smoking, I mean", OTHER},
        {"quit it", OTHER},
        {"quite", OTHER},
        {"cancel my Tuesday appointment", OTHER},
        {"Cancel. My appointment is on Tuesday", OTHER},
        {"please cancel my appointment", OTHER},
        {"cancel please, the 3pm one", OTHER},
        {"cancelled", OTHER},
        {"can I cancel?", OTHER},
        {"opt in", OTHER},
        {"opt", OTHER},
        {"out", OTHER},
        {"what does opt out mean", OTHER},
        {"how do I unsubscribe?", OTHER},
        {"arrete", OTHER},
        {"revoked", OTHER},
        {"no", OTHER},
        {"remove me", OTHER}, /* for a person to read */
        /* START and HELP stand alone. */
        {"Start.", START},
        {"start please", OTHER},
        {"Unstop!", START},
        {"when does it start", OTHER},
        {"restart", OTHER},
        {"Help!!", HELP},
        {"Help me", OTHER},
        {"help stop", OTHER},
        {"info?", HELP},
        {"more info", OTHER},
        {"yes", OTHER},
        {"YES", OTHER},
        /* Nothing. */
        {"", OTHER},
        {" ", OTHER},
        {"\n", OTHER},
        {"...", OTHER},
        {"\xf0\x9f\x9b\x91", OTHER},
        {"?", OTHER},
        {"please", OTHER},
        {"thank you", OTHER},
        /* Other scripts, broken bytes. */
        {"\xd0\xa1\xd0\xa2\xd0\x9e\xd0\x9f", OTHER},
        {"STOP \xd0\xb6", OTHER},
        {"\xffSTOP", OTHER},
        {"ST\xc3OP", OTHER},
        {"STOP \xff", OTHER},
        {"\xe5\x81\x9c\xe6\xad\xa2", OTHER},
    };
    assert_true(OD__LEN(replies) > 100);
    check(replies, OD__LEN(replies));
}

/* YES means START only where somebody was asked. */
static void test_words_yes(void **state)
{
    (void)state;
    static const reply replies[] = {
        {"YES", START},         {" yes! ", START}, {"Yes.", START},
        {"yes please", OTHER},  {"yess", OTHER},   {"yes stop", OTHER},
        {"stop", OPT_OUT},      {"start", START},  {"help", HELP},
        {"ＹＥＳ", START},
    };
    for (size_t i = 0; i < OD__LEN(replies); i++) {
        assert_int_equal(od_reply_classify(replies[i].text,
                                           OD_REPLY_YES_STARTS),
                         replies[i].kind);
    }
    assert_int_equal(od_reply_classify("yes", ~OD_REPLY_YES_STARTS), OTHER);
    assert_int_equal(od_reply_classify("yes", -1), START);
    assert_int_equal(od_reply_classify(NULL, -1), OTHER);
}

/* Long ones: what stands first decides, the rest is not looked at for ever. */
static void test_words_long(void **state)
{
    (void)state;
    static char text[20000];
    memset(text, 'a', sizeof text - 1);
    assert_int_equal(od_reply_classify(text, 0), OTHER);
    memcpy(text, "Stop. ", 6);
    assert_int_equal(od_reply_classify(text, 0), OPT_OUT);
    memcpy(text, "Stop ", 5);
    assert_int_equal(od_reply_classify(text, 0), OTHER);
    /* Courtesies without an end are none, wherever one begins to count. */
    for (size_t words = 1; words < 200; words++) {
        size_t len = (size_t)sprintf(text, "end");
        for (size_t i = 0; i < words; i++) {
            len += (size_t)sprintf(text + len, " thank you");
        }
        od_reply_kind kind = od_reply_classify(text, 0);
        assert_int_equal(kind, words <= 12 ? OPT_OUT : OTHER);
        (void)sprintf(text + len, " for nothing");
        assert_int_equal(od_reply_classify(text, 0), OTHER);
    }
    memset(text, '!', sizeof text - 1);
    memcpy(text, "stop", 4);
    assert_int_equal(od_reply_classify(text, 0), OPT_OUT);
}

static void test_words_names(void **state)
{
    (void)state;
    assert_string_equal(od_reply_kind_name(OTHER), "other");
    assert_string_equal(od_reply_kind_name(OPT_OUT), "opt_out");
    assert_string_equal(od_reply_kind_name(START), "start");
    assert_string_equal(od_reply_kind_name(HELP), "help");
    assert_string_equal(od_reply_kind_name(4), "?");
    assert_string_equal(od_reply_kind_name(-1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_keywords),
        cmocka_unit_test(test_words_disguises),
        cmocka_unit_test(test_words_compatibility_forms),
        cmocka_unit_test(test_words_replies),
        cmocka_unit_test(test_words_yes),
        cmocka_unit_test(test_words_long),
        cmocka_unit_test(test_words_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

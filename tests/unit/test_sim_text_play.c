/*
 * test_sim_text_play.c - what one number was told about texts: words and what
 * is none.
 */
#include "support/test.h"

#include "transport/transport.h"

static void test_sim_text_play_has_its_words(void **state)
{
    (void)state;
    static const od__sim_text_word expected[] = {
        {.verb = OD__SIM_TEXT_WAIT, .ms = 1500},
        {.verb = OD__SIM_TEXT_ACCEPT},
        {.verb = OD__SIM_TEXT_RECEIPT, .delivery = OD_DELIVERY_SENT},
        {.verb = OD__SIM_TEXT_RECEIPT,
         .delivery = OD_DELIVERY_DELIVERED,
         .code = "000"},
        {.verb = OD__SIM_TEXT_RECEIPT,
         .delivery = OD_DELIVERY_FAILED,
         .code = "000"},
        {.verb = OD__SIM_TEXT_RECEIPT,
         .delivery = OD_DELIVERY_EXPIRED,
         .code = "123456789012345"},
        {.verb = OD__SIM_TEXT_WAIT, .ms = 4000},
        {.verb = OD__SIM_TEXT_RECEIPT,
         .delivery = OD_DELIVERY_UNKNOWN,
         .code = "123456789012345"},
    };
    od__sim_text_play *play = NULL;
    assert_int_equal(
        OD_OK, od__sim_text_play_new(
                   &play,
                   " wait 1500ms;accept sent\tcode 000 delivered failed code "
                   "123456789012345 expired; wait 4s unknown;",
                   NULL));
    uint32_t len = 0;
    const od__sim_text_word *words = od__sim_text_play_next(play, &len);
    assert_int_equal(OD__LEN(expected), len);
    for (uint32_t i = 0; i < len; i++) {
        assert_int_equal(expected[i].verb, words[i].verb);
        assert_int_equal(expected[i].ms, words[i].ms);
        assert_int_equal(expected[i].delivery, words[i].delivery);
        if (words[i].verb == OD__SIM_TEXT_RECEIPT) {
            assert_string_equal(expected[i].code, words[i].code);
        }
    }
    od__sim_text_play_free(play);
}

static void test_sim_text_play_goes_by_parts(void **state)
{
    (void)state;
    od__sim_text_play *play = NULL;
    assert_int_equal(OD_OK, od__sim_text_play_new(
                                &play,
                                "reject 88 each lost each accept code 7 sent "
                                "each accept failed",
                                NULL));
    static const uint32_t lens[] = {1, 1, 2, 2, 2};
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        uint32_t len = 0;
        const od__sim_text_word *words = od__sim_text_play_next(play, &len);
        assert_int_equal(lens[i], len);
        if (i == 0) {
            assert_int_equal(88, words[0].status);
        }
        if (i >= 3) {
            /* The code of another part is not this one's. */
            assert_int_equal(OD_DELIVERY_FAILED, words[1].delivery);
            assert_string_equal("", words[1].code);
        }
        /* Only what was sent goes on to the next part. */
        assert_ptr_equal(words, od__sim_text_play_next(play, &len));
        play->texts++;
    }
    od__sim_text_play_free(play);
    od__sim_text_play_free(NULL);
}

static void test_sim_text_play_decodes_replies(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        const char *text;
    } cases[] = {
        {"STOP", "STOP"},
        {"STOP+PLEASE", "STOP PLEASE"},
        {"+", " "},
        {"1%2B1", "1+1"},
        {"%2b%25%3B", "+%;"},
        {"Gr%C3%BC\xc3\x9f", "Gr\u00fc\u00df"},
        {"%F0%9F%98%80", "\U0001F600"},
        {"a%0Ab", "a\nb"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "accept reply first reply %s",
                       cases[i].word);
        od__sim_text_play *play = NULL;
        assert_int_equal(OD_OK, od__sim_text_play_new(&play, text, NULL));
        uint32_t len = 0;
        const od__sim_text_word *words = od__sim_text_play_next(play, &len);
        assert_int_equal(3, len);
        assert_string_equal("first", words[1].reply);
        assert_string_equal(cases[i].text, words[2].reply);
        od__sim_text_play_free(play);
    }
}

static void test_sim_text_play_refusal_names_the_word(void **state)
{
    (void)state;
    static const struct {
        const char *play;
        const char *word;
    } cases[] = {
        {"", "word 1 of the play, \"\", has accept, reject or lost missing"},
        {" ; ", "\"\""},
        {"dance", "\"dance\", is none of"},
        {"ACCEPT", "\"ACCEPT\""},
        {"answer", "\"answer\""},
        {"wait", "word 2"},
        {"wait 5", "\"5\""},
        {"wait 86401s accept", "\"86401s\""},
        {"wait 5s", "word 3 of the play, \"\", has accept"},
        {"wait 5s each accept", "word 3 of the play, \"each\""},
        {"each accept", "word 1 of the play, \"each\""},
        {"accept each", "word 3 of the play, \"\""},
        {"accept each each accept", "word 3 of the play, \"each\""},
        {"delivered", "\"delivered\", comes before accept"},
        {"code 034 accept", "\"code\", comes before accept"},
        {"reply STOP", "\"reply\", comes before accept"},
        {"accept accept", "word 2 of the play, \"accept\", comes after accept"},
        {"accept reject 8", "\"reject\", comes after accept"},
        {"accept lost", "\"lost\", comes after accept"},
        {"reject 8 delivered", "\"delivered\", comes after the end"},
        {"reject 8 wait 1s", "\"wait\", comes after the end"},
        {"lost accept", "\"accept\", comes after the end"},
        {"reject", "word 2 of the play, \"\", is not a command_status"},
        {"reject 0", "\"0\""},
        {"reject x", "\"x\""},
        {"reject 8x", "\"8x\""},
        {"reject 0x58", "\"0x58\""},
        {"reject 123456789", "\"123456789\""},
        {"accept code", "word 3"},
        {"accept code 1234567890123456", "is not a code"},
        {"accept code \xc3\xbc", "\"?\?\""},
        {"accept reply", "word 3 of the play, \"\", is not a reply"},
        {"accept reply %", "\"%\""},
        {"accept reply %2", "\"%2\""},
        {"accept reply a%2", "\"a%2\""},
        {"accept reply %2 B", "\"%2\""},
        {"accept reply %0g", "\"%0g\""},
        {"accept reply %00", "\"%00\""},
        {"accept reply %C3", "\"%C3\""},
        {"accept reply \xff", "\"?\""},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_errmsg errmsg = {.text = ""};
        od__sim_text_play *play = NULL;
        assert_int_equal(OD_ERR_FORMAT,
                         od__sim_text_play_new(&play, cases[i].play, &errmsg));
        assert_null(play);
        if (strstr(errmsg.text, cases[i].word) == NULL) {
            fail_msg("\"%s\" gives: %s", cases[i].play, errmsg.text);
        }
    }
}

static void test_sim_text_play_of_any_bytes_is_safe(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "accept ", "accept ", "reject ", "lost ",    "wait ",    "4s ",
        "88 ",     "sent ",   "failed ", "each ",    "code ",    "reply ",
        "%2B",     "%C3%BC",  "+",       "%",        ";",        "\x80",
        "034 ",    "x ",      "unknown", "expired ", "wait 1s ", "\xc3\xbc"};
    od__rand rand = {.state = od_test_seed(2)};
    size_t accepted = 0;
    for (int i = 0; i < 50000; i++) {
        char text[256] = "";
        size_t len = od__rand_below(&rand, 12);
        for (size_t k = 0; k < len; k++) {
            size_t piece = od__rand_below(&rand, OD__LEN(pieces));
            (void)strcat(text, pieces[piece]);
        }
        od__sim_text_play *play = NULL;
        od_err err = od__sim_text_play_new(&play, text, NULL);
        assert_true(err == OD_OK || err == OD_ERR_FORMAT);
        accepted += err == OD_OK ? 1 : 0;
        od__sim_text_play_free(play);
    }
    assert_true(accepted > 100);
}

/* As many words, and as long a reply, as fit into a play. */
static void test_sim_text_play_of_great_length(void **state)
{
    (void)state;
    static char text[OD_TEXT_MAX + 2];
    memset(text, 'x', sizeof text);
    memcpy(text, "accept reply ", 13);
    text[OD_TEXT_MAX + 1] = '\0';
    od__sim_text_play *play = NULL;
    assert_int_equal(OD_ERR_FORMAT, od__sim_text_play_new(&play, text, NULL));
    text[OD_TEXT_MAX] = '\0';
    assert_int_equal(OD_OK, od__sim_text_play_new(&play, text, NULL));
    uint32_t len = 0;
    const od__sim_text_word *words = od__sim_text_play_next(play, &len);
    assert_int_equal(OD_TEXT_MAX - 13, strlen(words[1].reply));
    od__sim_text_play_free(play);

    for (size_t i = 7; i + 8 <= OD_TEXT_MAX; i += 8) {
        memcpy(text + i, "reply + ", 8);
    }
    text[7 + (OD_TEXT_MAX - 7) / 8 * 8] = '\0';
    assert_int_equal(OD_OK, od__sim_text_play_new(&play, text, NULL));
    (void)od__sim_text_play_next(play, &len);
    assert_int_equal(1 + (OD_TEXT_MAX - 7) / 8, len);
    od__sim_text_play_free(play);
}

static void test_sim_text_play_checks_arguments(void **state)
{
    (void)state;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, NULL, NULL));
    static const struct {
        const char *phone;
        const char *play;
        od_err err;
    } cases[] = {
        {NULL, "accept", OD_ERR_INVALID},
        {"15550120001", NULL, OD_ERR_INVALID},
        {"", "accept", OD_ERR_INVALID},
        {"+0155", "accept", OD_ERR_INVALID},
        {"15550120001", "answer", OD_ERR_FORMAT},
        {"15550120001", "accept", OD_OK},
        {"+15550120001", "lost", OD_OK},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(cases[i].err, od_sim_text_play(sim, cases[i].phone,
                                                        cases[i].play, NULL));
    }
    assert_int_equal(OD_ERR_INVALID,
                     od_sim_text_play(NULL, "15550120001", "accept", NULL));
    od_transport_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_text_play_has_its_words),
        cmocka_unit_test(test_sim_text_play_goes_by_parts),
        cmocka_unit_test(test_sim_text_play_decodes_replies),
        cmocka_unit_test(test_sim_text_play_refusal_names_the_word),
        cmocka_unit_test(test_sim_text_play_of_any_bytes_is_safe),
        cmocka_unit_test(test_sim_text_play_of_great_length),
        cmocka_unit_test(test_sim_text_play_checks_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

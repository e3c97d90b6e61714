/* test_offer.c - does a text tell how to opt out? */
#include "support/test.h"
#include "text/text.h"

static void offers_are_found(void **state)
{
    static const char *const texts[] = {
        "Your order is ready. Reply STOP to opt out",
        "Sale! Txt STOP 2 quit",
        "STOP to end",
        "News. STOP=END, HELP=INFO",
        "Reply with the word \"Unsubscribe\"",
        "To leave, text OPT OUT.",
        "Répondez ARRÊT",
        "Msg&data rates may apply. Text STOPALL",
        "Hi {{first_name}}, send stop at any time",
        "Send END to 54321",
        "Reply with CANCEL",
        "Text \"Quit\"",
        "To unsubscribe visit x.example",
        "opt-out: x.example",
        "You can Opt Out at any time",
        "STOPALL",
        "\xef\xbc\xb3\xef\xbc\xb4\xef\xbc\xaf\xef\xbc\xb0 to quit", /* full-width */
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        if (!od__text_offers_opt_out(texts[i])) {
            fail_msg("no offer in: %s", texts[i]);
        }
    }
}

static void other_texts_offer_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "Stop by our store",
        "Reply 1 for yes, and we will call you. Then stop",
        "Your bus stop has moved",
        "The end is near. Cancel anytime on our site",
        "Our sale ends at the end of May",
        "We had to cancel your appointment",
        "Reply 1 to confirm, 2 to cancel your visit",
        "Never quit",
        "NONSTOP music",
        "STOPS here",
        "opt in, then go out",
        "Opt in now",
        "Please do not reply",
        "stopper to nonstop to",
        "\xff\xfe STO\xc3",
        "Reply YES to confirm your visit; parking is at the tram stop",
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        if (od__text_offers_opt_out(texts[i])) {
            fail_msg("an offer in: %s", texts[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offers_are_found),
        cmocka_unit_test(other_texts_offer_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

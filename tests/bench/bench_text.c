/*
 * bench_text.c - texts a second: rendered, measured, over contacts, replies.
 *
 *     bench_text [TEXTS]                          default 1,000,000
 *
 * A template of two fields and about 150 characters, as for a reminder. First
 * rendering and measuring alone; then od_template_check() over a group of
 * TEXTS / 10 contacts in memory; then replies. The peer is vsnprintf() of the
 * same text from the same values, which measures nothing.
 */
#include "text/text.h"

#include <outdial/outdial.h>

#include <stdlib.h>

static const char template_text[] =
    "Hi {{first_name|there}}, this is a reminder of your appointment at "
    "{{company|our office}} tomorrow at 10:30. Reply C to confirm or STOP to "
    "end messages.";

static const char *const names[] = {"Anna", "Bo", "Zoë", "Mia 🌸", "",
                                    "Maximilian", "José", "Li"};

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_text: %s: %s\n", what, why);
    exit(1);
}

static void report(const char *what, int64_t count, int64_t begun_us)
{
    double took_us = (double)(od__mono_us() - begun_us);
    (void)printf("%-42s %6.2f us each  %10.0f /s\n", what,
                 took_us / (double)count, 1e6 * (double)count / took_us);
}

static const char *value_of(void *ctx, size_t field)
{
    const int64_t *i = ctx;
    return field == 0 ? names[*i % 8] : "Berg & Co";
}

/* Returns the segments of all, so that nothing is left out. */
static int64_t render(int64_t texts, bool measured, bool transliterate)
{
    static od__template t;
    static od_text_info m;
    static char out[OD_MESSAGE_MAX + 1];
    od_errmsg errmsg = {""};
    od_text_options o;
    int64_t sum = 0;
    if (od__template_compile(&t, template_text, NULL, NULL, &errmsg) != OD_OK) {
        die("template", errmsg.text);
    }
    od_text_options_init(&o);
    o.transliterate = transliterate;
    (void)od__text_options_take(&o, &o, NULL);
    for (int64_t i = 0; i < texts; i++) {
        if (!od__template_render(&t, value_of, &i, out, sizeof out)) {
            die("render", "it does not fit");
        }
        if (measured) {
            od__text_measure(out, strlen(out), &o, &m);
            sum += m.segments;
        } else {
            sum += out[4] != '\0' ? 1 : 0;
        }
    }
    return sum;
}

static int64_t print_peer(int64_t texts)
{
    static char out[OD_MESSAGE_MAX + 1];
    int64_t sum = 0;
    for (int64_t i = 0; i < texts; i++) {
        (void)snprintf(out, sizeof out,
                       "Hi %s, this is a reminder of your appointment at %s "
                       "tomorrow at 10:30. Reply C to confirm or STOP to end "
                       "messages.",
                       names[i % 8], "Berg & Co");
        sum += out[4] != '\0' ? 1 : 0;
    }
    return sum;
}

static void over_contacts(int64_t contacts)
{
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    const od_now now = {.mono_ms = 1000, .utc_ms = INT64_C(1804698000000)};
    od_template_report r;
    od_id group = 0;
    if (od_storage_new_memory(&storage, &errmsg) != OD_OK ||
        od_engine_new(&engine, NULL, storage, NULL, &now, &errmsg) != OD_OK) {
        die("engine", errmsg.text);
    }
    if (od_group_add(engine, "people", &group) != OD_OK) {
        die("group", od_engine_errmsg(engine));
    }
    for (int64_t i = 0; i < contacts; i++) {
        char phone[OD_PHONE_MAX + 1];
        (void)snprintf(phone, sizeof phone, "+1212%07d", (int)(2000000 + i));
        od_contact c = {.phone = phone, .first_name = names[i % 8],
                        .company = "Berg & Co"};
        if (od_contact_add(engine, group, &c, NULL) != OD_OK) {
            die("contact", od_engine_errmsg(engine));
        }
    }
    int64_t begun_us = od__mono_us();
    if (od_template_check(engine, template_text, group, NULL, &r) != OD_OK) {
        die("check", od_engine_errmsg(engine));
    }
    report("od_template_check, in memory", contacts, begun_us);
    if (r.contacts != contacts || r.ucs2 == 0 || r.ucs2 == contacts) {
        die("check", "the sums are wrong");
    }
    od_engine_free(engine);
}

static void classify(int64_t replies)
{
    static const char *const texts[] = {
        "STOP", "Stop. Thank you", "please stop texting me",
        "cancel my Tuesday appointment", "Yes, see you then!", "ＳＴＯＰ",
        "C", "Thanks 🙏 but I cannot come tomorrow, can we move it to Friday?"};
    int64_t kinds = 0;
    int64_t begun_us = od__mono_us();
    for (int64_t i = 0; i < replies; i++) {
        kinds += od_reply_classify(texts[i % 8], 0) == OD_REPLY_OPT_OUT ? 1 : 0;
    }
    report("replies classified", replies, begun_us);
    if (kinds != replies / 2) {
        die("replies", "half of them are opt-outs");
    }
}

int main(int argc, char **argv)
{
    int64_t texts = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    if (texts < 1000 || texts > 10000000 || texts % 80 != 0) {
        die("arguments", "1,040 to 10,000,000 texts, a multiple of 80");
    }
    int64_t begun_us = od__mono_us();
    int64_t sum = print_peer(texts);
    report("vsnprintf of the same", texts, begun_us);
    begun_us = od__mono_us();
    sum += render(texts, false, false);
    report("rendered", texts, begun_us);
    begun_us = od__mono_us();
    sum += render(texts, true, false);
    report("rendered and measured", texts, begun_us);
    begun_us = od__mono_us();
    sum += render(texts, true, true);
    report("the same, transliterated", texts, begun_us);
    if (sum < 4 * texts) {
        die("texts", "some were empty");
    }
    over_contacts(texts / 10);
    classify(texts);
    return 0;
}

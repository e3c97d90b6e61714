/*
 * preflight_texts.c - what is wrong with the texts of a campaign, and what they
 * come to: part of preflight.c.
 *
 * What is cheap to see is looked at before every start. The texts of all
 * contacts are composed only when the host asks for the problems: at a start the
 * judge composes each one anyway, and blocks what may not go.
 */
#include "core/core.h"

static bool carries_texts(const od_engine *engine)
{
    bool carried = engine->trunks_len == 0; /* nobody dials here */
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        carried = carried || engine->trunks[i].info.texts_max > 0;
    }
    return carried;
}

/* A notice is to be one segment: a confirmation carries nothing else. */
static void check_notice(const char *text, const char *option,
                         od__findings *f)
{
    od_text_info info;
    if (text[0] != '\0' &&
        od_text_measure(text, NULL, &info, NULL) == OD_OK &&
        info.segments > 1) {
        od__found(f, OD_SEVERITY_WARNING, "", 0,
                  "shorten it to one segment: it is to say one thing",
                  "%s takes %d segments", option, (int)info.segments);
    }
}

static void check_fields(const od__text_survey *s, od__findings *f)
{
    for (size_t i = 0; i < s->fields_len; i++) {
        const od_template_field *field = &s->fields[i];
        if (!field->known && s->sums.report.contacts > 0) {
            od__found(f, OD_SEVERITY_WARNING, "", s->sums.report.contacts,
                      "spell it as contacts have it, or import it",
                      "no contact has the field \"%.60s\" of the text",
                      field->name);
        } else if (field->empty > 0 && !field->has_default) {
            od__found(f, OD_SEVERITY_WARNING, "", field->empty,
                      "write {{field|default}}: who lacks it gets no text",
                      "field \"%.60s\" of the text is empty and has no "
                      "default",
                      field->name);
        }
    }
}

static void check_lengths(const od__text_survey *s, od__findings *f)
{
    const od_template_report *r = &s->sums.report;
    if (r->ucs2 > 0) {
        od__found(f, OD_SEVERITY_WARNING, "", r->ucs2,
                  "take it out, or set transliterate where that helps",
                  "\"%s\" makes texts UCS-2, first that of contact %lld: %lld "
                  "of %lld segments",
                  s->ucs2_text, (long long)r->ucs2_contact,
                  (long long)s->ucs2_segments, (long long)r->segments);
    }
    if (r->refused > 0) {
        od__found(f, OD_SEVERITY_WARNING, "", r->refused,
                  "shorten the text, raise segments_max, or let it be cut",
                  "texts are too long and will not be sent");
    }
    if (r->cut > 0) {
        od__found(f, OD_SEVERITY_WARNING, "", r->cut,
                  "shorten the text, or raise segments_max",
                  "texts are cut");
    }
    int64_t more = r->contacts - r->refused - r->by_segments[1];
    if (more > 0) {
        od__found(f, OD_SEVERITY_WARNING, "", more,
                  "shorten the text: od_campaign_text_check() has the spread",
                  "texts are not one segment: %lld contacts get %lld segments",
                  (long long)(r->contacts - r->refused),
                  (long long)r->segments);
    }
}

od_err od__preflight_texts(od_engine *engine, const od_campaign_record *c,
                           bool composes, od__findings *f)
{
    if (!carries_texts(engine)) {
        od__found(f, OD_SEVERITY_ERROR, "", 0,
                  "use a transport that sends texts", "no trunk carries texts");
    }
    if (c->text[0] == '\0') {
        od__found(f, OD_SEVERITY_ERROR, "", 0,
                  "set text in the campaign's options", "nothing would be sent");
        return OD_OK;
    }
    if (c->quota_answers > 0 && c->survey == 0) {
        od__found(f, OD_SEVERITY_ERROR, "", 0,
                  "set survey, or take the quota away",
                  "the quota counts answers, and nothing is asked");
    }
    if (c->confirm_text[0] == '\0') {
        od__found(f, OD_SEVERITY_WARNING, "", 0,
                  "set confirm_text to what confirms it, and nothing else",
                  "who opts out is not told that it was understood");
    }
    check_notice(c->confirm_text, "confirm_text", f);
    check_notice(c->help_text, "help_text", f);
    if (!composes) {
        return OD_OK;
    }
    od__text_survey *s = od__alloc(&engine->allocator, sizeof *s);
    if (s == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = od__text_survey_make(engine, c, s);
    if (err == OD_OK) {
        check_fields(s, f);
        check_lengths(s, f);
    }
    od__free(&engine->allocator, s);
    return err;
}

/*
 * compose.c - the text of a campaign for one contact, and whether it may go.
 *
 * The template is rendered, opt_out_text is put behind it where nothing in it
 * says how to opt out, and the whole is measured. What is empty, too long, or
 * lacks a field is blocked: half a text to a person is worse than none. Where a
 * text is cut, what says how to opt out stays whole: the rest is cut.
 *
 * Called by the judge inside its transaction, and by explain; changes nothing.
 */
#include "core/core.h"

struct od__composer {
    od_allocator allocator;
    od_text_options options;
    size_t bytes_max; /* of a text that a trunk takes */
    od__merge merge;
    od_text_info info;
    char opt_out_text[OD_NOTICE_MAX + 1];
    char body[OD_MESSAGE_MAX + 1];
    char text[OD_MESSAGE_MAX + 1]; /* with opt_out_text */
};

void od__text_options_of(const od_campaign_record *campaign,
                         od_text_options *out)
{
    od_text_options options;
    od_text_options_init(&options);
    options.policy = campaign->text_policy;
    options.segments_max = campaign->segments_max;
    options.transliterate = campaign->transliterate != 0;
    if (od__text_options_take(&options, out, NULL) != OD_OK) {
        (void)od__text_options_take(NULL, out, NULL); /* a damaged store */
    }
}

od_err od__composer_new(od_engine *engine, const od_campaign_record *campaign,
                        od__composer **out)
{
    od__composer *composer = od__alloc(&engine->allocator, sizeof *composer);
    if (composer == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    composer->allocator = engine->allocator;
    composer->bytes_max = od__pace_bytes_max(engine);
    od__text_options_of(campaign, &composer->options);
    od__text_copy(composer->opt_out_text, sizeof composer->opt_out_text,
                  campaign->opt_out_text);
    od_err err =
        od__merge_compile(&composer->merge, campaign->text, &engine->errmsg);
    if (err != OD_OK) {
        od__composer_free(composer);
        return err;
    }
    *out = composer;
    return OD_OK;
}

void od__composer_free(od__composer *composer)
{
    if (composer != NULL) {
        od_allocator allocator = composer->allocator;
        od__free(&allocator, composer);
    }
}

const od__template *od__composer_template(const od__composer *composer)
{
    return &composer->merge.compiled;
}

bool od__composer_is_of(const od_campaign_record *a,
                        const od_campaign_record *b)
{
    return strcmp(a->text, b->text) == 0 &&
           strcmp(a->opt_out_text, b->opt_out_text) == 0 &&
           a->text_policy == b->text_policy &&
           a->segments_max == b->segments_max &&
           a->transliterate == b->transliterate;
}

/* == opt_out_text ========================================================== */

/* Measure the first `len` bytes of the body with opt_out_text behind them;
 * false: it is cut, or longer than a text may be. */
static bool fits_with(od__composer *c, size_t len)
{
    size_t more = strlen(c->opt_out_text);
    if (len + 1 + more > OD_MESSAGE_MAX) {
        return false;
    }
    memcpy(c->text, c->body, len);
    c->text[len] = ' ';
    memcpy(c->text + len + 1, c->opt_out_text, more + 1);
    od__text_measure(c->text, len + 1 + more, &c->options, &c->info);
    return !c->info.cut;
}

static bool is_inside_character(const char *text, size_t at)
{
    return ((uint8_t)text[at] & 0xc0) == 0x80;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Back to the end of a word, unless that takes half of it away. */
static size_t word_end(const char *text, size_t at)
{
    size_t word = at;
    while (word > 0 && !is_blank(text[word]) && !is_blank(text[word - 1])) {
        word--;
    }
    at = word > at / 2 ? word : at;
    while (at > 0 && is_blank(text[at - 1])) {
        at--;
    }
    return at;
}

/* The longest beginning of the body that leaves room for opt_out_text. */
static bool cut_body(od__composer *c)
{
    size_t least = 0;
    size_t most = strlen(c->body);
    while (least < most) {
        size_t middle = (least + most + 1) / 2;
        size_t at = middle;
        while (at > least && is_inside_character(c->body, at)) {
            at--;
        }
        if (at > least && fits_with(c, at)) {
            least = at;
        } else {
            most = middle - 1;
        }
    }
    least = word_end(c->body, least);
    bool fits = least > 0 && fits_with(c, least);
    c->info.cut = fits;
    return fits;
}

/* The body with opt_out_text behind it; false: there is no room. */
static bool put_opt_out(od__composer *c)
{
    if (fits_with(c, strlen(c->body))) {
        return true;
    }
    return c->options.policy == OD_TEXT_POLICY_CUT && cut_body(c);
}

/* == composing ============================================================= */

/* false: it is longer than a text may be. */
static bool make(od__composer *c, od__composed *out)
{
    bool fits = od__merge_render(&c->merge, c->body, sizeof c->body);
    out->opts_out = fits && c->opt_out_text[0] != '\0' &&
                    !od__text_offers_opt_out(c->body);
    if (out->opts_out) {
        fits = put_opt_out(c);
        out->opts_out = fits;
    }
    if (!out->opts_out) {
        od__text_measure(c->body, strlen(c->body), &c->options, &c->info);
    }
    return fits && !c->info.refused;
}

void od__compose(od__composer *composer, const od_contact_record *contact,
                 od__composed *out)
{
    memset(out, 0, sizeof *out);
    const od_template_field *lacks =
        od__merge_look_up(&composer->merge, contact);
    bool fits = make(composer, out);
    out->info = &composer->info;
    out->lacks = lacks != NULL ? lacks->name : NULL;
    out->verdict.kind = OD_VERDICT_BLOCK;
    out->verdict.reason = OD_REASON_TEXT;
    if (od__value_is_empty(composer->body) || composer->info.segments == 0) {
        (void)snprintf(out->why, sizeof out->why, "its text is empty");
    } else if (lacks != NULL) {
        (void)snprintf(out->why, sizeof out->why,
                       "field %.64s is empty and has no default", lacks->name);
    } else if (fits && strlen(composer->info.text) > composer->bytes_max) {
        (void)snprintf(out->why, sizeof out->why,
                       "its text is longer than the %zu bytes that a trunk "
                       "takes",
                       composer->bytes_max);
    } else if (!fits) {
        (void)snprintf(out->why, sizeof out->why,
                       "its text is longer than %d segment%s%s",
                       (int)composer->options.segments_max,
                       composer->options.segments_max > 1 ? "s" : "",
                       composer->info.encoding == OD_TEXT_ENCODING_UCS2
                           ? ", and needs UCS-2"
                           : "");
    } else {
        out->verdict.kind = OD_VERDICT_ALLOW;
        out->verdict.reason = OD_REASON_NONE;
    }
}

/*
 * template.c - texts with fields, compiled once and rendered for each contact.
 *
 *     Hi {{first_name|there}}, write {{{{ or {{code}}
 *
 * Read from the left: four braces are a literal pair, two begin or end a field.
 * A single brace is itself. A name reaches to the first '|' or to the closing
 * braces, blanks around it are not meant; a default is kept as it stands.
 * Literals and defaults lie side by side in one text, the pieces point there:
 *
 *     text    |Hi |there|, write {{ or ||
 *     field    -   0     -              1       "-": a literal
 */
#include "text/text.h"

#include <assert.h>

/* Compiling: what is being read, and where. */
typedef struct reader {
    const char *text;
    const char *at;
    od__template *out;
    od_errmsg *errmsg;
} reader;

/* -- failures -------------------------------------------------------------- */

/* Which character of the text that is, from 1. */
static int32_t position(const reader *r, const char *at)
{
    int32_t characters = 1;
    for (const char *c = r->text; c < at; c++) {
        characters += ((uint8_t)*c & 0xc0) != 0x80 ? 1 : 0;
    }
    return characters;
}

#define FAIL(r, where, fmt, ...)                                               \
    od__fail((r)->errmsg, OD_ERR_FORMAT, "character %d: " fmt,                 \
             (int)position((r), (where)), __VA_ARGS__)

static bool is_pair(const char *at, char brace)
{
    return at[0] == brace && at[1] == brace;
}

static bool is_four(const char *at, char brace)
{
    return is_pair(at, brace) && is_pair(at + 2, brace);
}

/* -- pieces ---------------------------------------------------------------- */

static void keep(reader *r, const char *text, size_t len)
{
    od__template *t = r->out;
    assert(t->text_len + len <= OD_MESSAGE_MAX); /* never more than was read */
    memcpy(t->text + t->text_len, text, len);
    t->text_len += len;
    t->text[t->text_len] = '\0';
}

/* Begin a piece; the caller has seen that there is room. */
static od__piece *begin_piece(reader *r, int32_t field)
{
    od__template *t = r->out;
    od__piece *piece = &t->pieces[t->pieces_len++];
    *piece = (od__piece){.field = field, .at = (uint16_t)t->text_len};
    return piece;
}

static void add_literal(reader *r, const char *text, size_t len)
{
    od__template *t = r->out;
    od__piece *last = t->pieces_len > 0 ? &t->pieces[t->pieces_len - 1] : NULL;
    if (last == NULL || last->field != OD_NONE) {
        last = begin_piece(r, OD_NONE);
    }
    keep(r, text, len);
    last->len = (uint16_t)(last->len + len);
}

/* -- fields ---------------------------------------------------------------- */

/* The place of a field among those of the template; OD_NONE: no room. */
static int32_t find_or_add(reader *r, const char *name, const char *open,
                           bool has_default)
{
    od__template *t = r->out;
    for (size_t i = 0; i < t->fields_len; i++) {
        if (strcmp(t->fields[i].name, name) == 0) {
            t->fields[i].has_default = t->fields[i].has_default && has_default;
            return (int32_t)i;
        }
    }
    if (t->fields_len == OD_TEMPLATE_FIELDS_MAX) {
        return OD_NONE;
    }
    od_template_field *field = &t->fields[t->fields_len];
    od__text_copy(field->name, sizeof field->name, name);
    field->at = position(r, open);
    field->known = true;
    field->has_default = has_default;
    return (int32_t)t->fields_len++;
}

/* The name between the braces, without blanks around it. */
static od_err take_name(reader *r, const char *open, const char *name,
                        size_t len, char out[OD_NAME_MAX + 1])
{
    while (len > 0 && (*name == ' ' || *name == '\t')) {
        name++;
        len--;
    }
    while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t')) {
        len--;
    }
    if (len == 0) {
        return FAIL(r, open, "%s",
                    "a name is missing between {{ and }}: write one such as "
                    "{{first_name}}, and {{{{ for two braces");
    }
    if (len > OD_NAME_MAX) {
        return FAIL(r, open,
                    "the field \"%.40s...\" has a name of more than %d bytes: "
                    "no contact has such a field",
                    name, OD_NAME_MAX);
    }
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)name[i] < 0x20 || strchr("{}\x7f", name[i]) != NULL) {
            return FAIL(r, open,
                        "the field \"%.*s\" has a brace or a control "
                        "character in its name: write {{name}} or "
                        "{{name|default}}",
                        (int)len, name);
        }
    }
    memcpy(out, name, len);
    out[len] = '\0';
    return OD_OK;
}

/* The closing braces of the field that was opened, or a failure. */
static od_err find_close(reader *r, const char *open, const char **out)
{
    for (const char *at = open + 2; *at != '\0'; at++) {
        if (is_pair(at, '}')) {
            *out = at;
            return OD_OK;
        }
        if (is_pair(at, '{')) {
            return FAIL(r, at,
                        "{{ within the field \"%.*s\": close that one with }} "
                        "first, fields do not nest",
                        (int)(at - open - 2 < 60 ? at - open - 2 : 60),
                        open + 2);
        }
    }
    return FAIL(r, open,
                "the field \"%.60s\" is not closed: write }} behind its name, "
                "or {{{{ for two braces",
                open + 2);
}

/* A field, from its opening braces to its closing ones. */
static od_err take_field(reader *r, od__template_known known, void *ctx)
{
    const char *open = r->at;
    const char *close = NULL;
    char name[OD_NAME_MAX + 1];
    od_err err = find_close(r, open, &close);
    if (err != OD_OK) {
        return err;
    }
    const char *bar = memchr(open, '|', (size_t)(close - open));
    const char *name_end = bar != NULL ? bar : close;
    err = take_name(r, open, open + 2, (size_t)(name_end - open - 2), name);
    if (err != OD_OK) {
        return err;
    }
    if (known != NULL && !known(ctx, name)) {
        return FAIL(r, open,
                    "no contact has a field \"%s\": use one that they have, or "
                    "import it as a column of that name",
                    name);
    }
    /* Behind it a literal may follow. */
    int32_t field = r->out->pieces_len + 2 > OD__TEMPLATE_PIECES_MAX
                        ? OD_NONE
                        : find_or_add(r, name, open, bar != NULL);
    if (field == OD_NONE) {
        return FAIL(r, open,
                    "the field \"%s\" is one too many: a template names at "
                    "most %d different ones, %d in all",
                    name, OD_TEMPLATE_FIELDS_MAX, OD__TEMPLATE_PIECES_MAX / 2);
    }
    od__piece *piece = begin_piece(r, field);
    if (bar != NULL) {
        piece->len = (uint16_t)(close - bar - 1);
        keep(r, bar + 1, piece->len);
    }
    r->at = close + 2;
    return OD_OK;
}

/* -- compiling ------------------------------------------------------------- */

/* What stands at r->at: a literal pair, a field, or bytes up to a brace. */
static od_err take_next(reader *r, od__template_known known, void *ctx)
{
    if (is_four(r->at, '{') || is_four(r->at, '}')) {
        add_literal(r, r->at, 2);
        r->at += 4;
        return OD_OK;
    }
    if (is_pair(r->at, '{')) {
        return take_field(r, known, ctx);
    }
    if (is_pair(r->at, '}')) {
        return FAIL(r, r->at, "%s",
                    "}} closes no field: put {{ in front of its name, or "
                    "write }}}} for two braces");
    }
    size_t len = 1 + strcspn(r->at + 1, "{}");
    add_literal(r, r->at, len);
    r->at += len;
    return OD_OK;
}

od_err od__template_compile(od__template *out, const char *text,
                            od__template_known known, void *ctx,
                            od_errmsg *errmsg)
{
    reader r = {.text = text, .at = text, .out = out, .errmsg = errmsg};
    memset(out, 0, sizeof *out);
    size_t len = strnlen(text, OD_MESSAGE_MAX + 1);
    if (len > OD_MESSAGE_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the template is longer than %d bytes", OD_MESSAGE_MAX);
    }
    if (!od__utf8_is_valid(text, len)) {
        return od__fail(errmsg, OD_ERR_INVALID, "the template is not UTF-8");
    }
    od_err err = OD_OK;
    while (err == OD_OK && *r.at != '\0') {
        err = take_next(&r, known, ctx);
    }
    return err;
}

/* -- rendering ------------------------------------------------------------- */

bool od__value_is_empty(const char *value)
{
    return value == NULL || value[strspn(value, " \t\r\n")] == '\0';
}

bool od__template_render(const od__template *template, od__template_value value,
                         void *ctx, char *out, size_t out_size)
{
    size_t len = 0;
    assert(out_size > 0);
    for (size_t i = 0; i < template->pieces_len; i++) {
        const od__piece *piece = &template->pieces[i];
        const char *text = template->text + piece->at;
        size_t text_len = piece->len;
        if (piece->field != OD_NONE) {
            const char *got = value(ctx, (size_t)piece->field);
            if (!od__value_is_empty(got)) {
                text = got;
                text_len = strlen(got);
            }
        }
        if (text_len >= out_size - len) {
            /* Only what fits, up to the end of a character. */
            text_len = out_size - len - 1;
            while (text_len > 0 && ((uint8_t)text[text_len] & 0xc0) == 0x80) {
                text_len--;
            }
            memcpy(out + len, text, text_len);
            out[len + text_len] = '\0';
            return false;
        }
        memcpy(out + len, text, text_len);
        len += text_len;
    }
    out[len] = '\0';
    return true;
}

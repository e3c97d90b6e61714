/*
 * check.c - what public functions check in the same way: names, phones, lists;
 * caller IDs as text.
 */
#include "core/core.h"

#include <stdlib.h>

#define ROWS_MAX 1000

od_err od__name_check(od_engine *engine, const char *name, const char *what)
{
    if (name == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "the name of a %s must not be NULL", what);
    }
    size_t len = strnlen(name, OD_NAME_MAX + 1);
    if (len == 0 || len > OD_NAME_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "the name of a %s must have 1 to %d bytes", what,
                               OD_NAME_MAX);
    }
    if (!od__utf8_is_valid(name, len)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "the name of a %s is not UTF-8", what);
    }
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "the name of a %s has a control character",
                                   what);
        }
    }
    return OD_OK;
}

od_err od__phone_check(od_engine *engine, const char *text,
                       const char *country, uint64_t *out)
{
    uint64_t phone = 0;
    if (text == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "phone must not be NULL");
    }
    od__phone_err err = od__phone_parse(
        text, country != NULL ? country : engine->country, &phone);
    if (err != OD__PHONE_OK) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "\"%.40s\" is not a phone number: it %s", text,
                               od__phone_err_text(err));
    }
    *out = phone;
    return OD_OK;
}

od_err od__sender_check(od_engine *engine, const char *text, uint64_t *out)
{
    size_t len = text != NULL ? strspn(text, "0123456789") : 0;
    if (len >= 3 && len <= 6 && text[len] == '\0' && text[0] != '0') {
        *out = strtoull(text, NULL, 10);
        return OD_OK;
    }
    return od__phone_check(engine, text, NULL, out);
}

void od__sender_text(uint64_t number, char out[OD_PHONE_MAX + 1])
{
    out[0] = '\0';
    if (number >= OD__SHORT_CODES) {
        od__phone_text(number, out);
    } else if (number > 0) {
        (void)snprintf(out, OD_PHONE_MAX + 1, "%u", (unsigned)number);
    }
}

od_err od__text_check(od_engine *engine, const char *text, const char *name,
                      size_t max, const char **out)
{
    if (text == NULL) {
        *out = "";
        return OD_OK;
    }
    size_t len = strnlen(text, max + 1);
    if (len > max) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%s is longer than %zu bytes", name, max);
    }
    if (!od__utf8_is_valid(text, len)) {
        return od__engine_fail(engine, OD_ERR_INVALID, "%s is not UTF-8", name);
    }
    *out = text;
    return OD_OK;
}

od_err od__texts_check(od_engine *engine, const od__text *texts, size_t len)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        err = od__text_check(engine, texts[i].text, texts[i].name, texts[i].max,
                             texts[i].out);
    }
    return err;
}

const char *od__phone_keep(od_engine *engine, uint64_t phone)
{
    char text[OD_PHONE_MAX + 1];
    od__phone_text(phone, text);
    const char *kept = od__arena_text(&engine->arena, text, strlen(text));
    return kept != NULL ? kept : "";
}

const char *od__sender_keep(od_engine *engine, uint64_t number)
{
    char text[OD_PHONE_MAX + 1];
    od__sender_text(number, text);
    const char *kept = od__arena_text(&engine->arena, text, strlen(text));
    return kept != NULL ? kept : "";
}

od_err od__list_check(od_engine *engine, od_id after_id, const void *rows,
                      size_t rows_max, const size_t *count)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (rows == NULL || count == NULL || after_id < 0 || rows_max == 0 ||
        rows_max > ROWS_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "a list needs rows, count, a cursor of 0 and up "
                               "and rows_max of 1 to %d",
                               ROWS_MAX);
    }
    return OD_OK;
}

static bool is_path(const char *path)
{
    return path != NULL && path[0] != '\0' && strlen(path) <= OD_PATH_MAX;
}

od_err od__import_paths_check(od_engine *engine, const char *path,
                              const char *reject_path)
{
    if (!is_path(path) || (reject_path != NULL && !is_path(reject_path))) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%s must have 1 to %d bytes",
                               is_path(path) ? "reject_path" : "path",
                               OD_PATH_MAX);
    }
    if (reject_path != NULL && od__file_is_same(path, reject_path)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "reject_path is the file that is imported: it "
                               "would be replaced");
    }
    return OD_OK;
}

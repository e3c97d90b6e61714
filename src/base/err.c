/*
 * err.c - failures, and structs that come in several versions.
 *
 * od__fail is the only place where the text of a failure is written. Texts
 * carry values that came from files and people, so they are made one line of
 * printable UTF-8 here, once, for logs, terminals and bindings alike.
 */
#include "base/base.h"

#include <assert.h>

#define OD__STRING2(x) #x
#define OD__STRING(x) OD__STRING2(x)

/* A caller that forgot to initialise a struct has anything in `size`; what is
 * this far beyond ours is not read. */
#define TAIL_MAX 4096

const char *od_version(void)
{
    return OD__STRING(OD_VERSION_MAJOR) "." OD__STRING(
        OD_VERSION_MINOR) "." OD__STRING(OD_VERSION_PATCH);
}

const char *od_err_name(od_err err)
{
    switch (err) {
    case OD_OK:
        return "OD_OK";
    case OD_ERR_INVALID:
        return "OD_ERR_INVALID";
    case OD_ERR_NOT_FOUND:
        return "OD_ERR_NOT_FOUND";
    case OD_ERR_EXISTS:
        return "OD_ERR_EXISTS";
    case OD_ERR_LIMIT:
        return "OD_ERR_LIMIT";
    case OD_ERR_STATE:
        return "OD_ERR_STATE";
    case OD_ERR_VERSION:
        return "OD_ERR_VERSION";
    case OD_ERR_MEMORY:
        return "OD_ERR_MEMORY";
    case OD_ERR_IO:
        return "OD_ERR_IO";
    case OD_ERR_FULL:
        return "OD_ERR_FULL";
    case OD_ERR_READONLY:
        return "OD_ERR_READONLY";
    case OD_ERR_LOCKED:
        return "OD_ERR_LOCKED";
    case OD_ERR_CORRUPT:
        return "OD_ERR_CORRUPT";
    case OD_ERR_UNSUPPORTED:
        return "OD_ERR_UNSUPPORTED";
    case OD_ERR_REFUSED:
        return "OD_ERR_REFUSED";
    case OD_ERR_CANCELLED:
        return "OD_ERR_CANCELLED";
    case OD_ERR_TRANSPORT:
        return "OD_ERR_TRANSPORT";
    case OD_ERR_FORMAT:
        return "OD_ERR_FORMAT";
    }
    return "OD_ERR_?";
}

/* A value may be no UTF-8, or was cut by its format ("%.40s"). */
static void make_utf8(char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        size_t len = 1;
        while (len <= 4 && len <= left && !od__utf8_is_valid(text, len)) {
            len++;
        }
        if (len > 4 || len > left) {
            *text = '?';
            len = 1;
        }
        text += len;
        left -= len;
    }
}

od_err od__fail(od_errmsg *errmsg, od_err code, const char *fmt, ...)
{
    assert(code != OD_OK);
    if (errmsg == NULL) {
        return code;
    }
    /* An argument may be the old text itself: format beside it. One byte more
     * than fits shows od__text_copy where a character is cut. */
    char text[sizeof errmsg->text + 1];
    va_list args;
    va_start(args, fmt);
    int written = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (written < 0) {
        text[0] = '\0';
    }
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
    od__text_copy(errmsg->text, sizeof errmsg->text, text);
    make_utf8(errmsg->text);
    return code;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

od_err od__sized_copy(void *dst, size_t dst_size, const void *src,
                      size_t size_min, const char *what, od_errmsg *errmsg)
{
    assert(dst != NULL && src != NULL && what != NULL);
    assert(size_min >= sizeof(size_t) && size_min <= dst_size);
    size_t size = 0;
    memcpy(&size, src, sizeof size);
    if (size < size_min) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s has size %zu, not initialised", what, size);
    }
    if (size > dst_size &&
        (size - dst_size > TAIL_MAX ||
         !is_zero((const uint8_t *)src + dst_size, size - dst_size))) {
        return od__fail(errmsg, OD_ERR_VERSION,
                        "%s of size %zu uses fields unknown to version %s",
                        what, size, od_version());
    }
    size_t shared = size < dst_size ? size : dst_size;
    memcpy(dst, src, shared);
    memset((uint8_t *)dst + shared, 0, dst_size - shared);
    memcpy(dst, &dst_size, sizeof dst_size);
    return OD_OK;
}

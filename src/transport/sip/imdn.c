/*
 * imdn.c - message/imdn+xml: what became of a text (RFC 5438, 11.1.2).
 *
 *   <imdn xmlns="urn:ietf:params:xml:ns:imdn">
 *     <message-id>...</message-id>
 *     <delivery-notification>
 *       <status><delivered/></status>
 *     </delivery-notification>
 *   </imdn>
 *
 * Two things are wanted of it, so this walks over the tags and does not build
 * a tree. Prefixes of names are passed over; comments and declarations are
 * skipped. The first of each thing counts.
 */
#include "transport/sip/message_parts.h"

#define BLANKS " \t\r\n"

typedef struct walk {
    const char *at;
    const char *end;
    od__span name;     /* of the tag at hand, without its prefix */
    bool closes;       /* it is </name> */
    od__span notified; /* the notification that is open, or len 0 */
    bool in_status;
} walk;

static bool is(od__span name, const char *wanted)
{
    return name.len == strlen(wanted) && memcmp(name.at, wanted, name.len) == 0;
}

static bool is_blank(char c)
{
    return c != '\0' && strchr(BLANKS, c) != NULL;
}

/* Where a text begins, or NULL. */
static const char *find(const char *at, const char *end, const char *wanted)
{
    size_t len = strlen(wanted);
    for (; (size_t)(end - at) >= len; at++) {
        if (memcmp(at, wanted, len) == 0) {
            return at;
        }
    }
    return NULL;
}

/* Skip what begins here and is no element. False: it has no end. */
static bool skip_other(walk *w, bool *skipped)
{
    static const char *const others[][2] = {
        {"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}};
    *skipped = false;
    for (size_t i = 0; i < OD__LEN(others); i++) {
        size_t len = strlen(others[i][0]);
        if ((size_t)(w->end - w->at) < len ||
            memcmp(w->at, others[i][0], len) != 0) {
            continue;
        }
        const char *close = find(w->at + len, w->end, others[i][1]);
        if (close == NULL) {
            return false;
        }
        w->at = close + strlen(others[i][1]);
        *skipped = true;
        return true;
    }
    return true;
}

/* Go behind the next tag. False: there is no more. */
static bool next_tag(walk *w)
{
    for (bool skipped = true; skipped;) {
        w->at = memchr(w->at, '<', (size_t)(w->end - w->at));
        if (w->at == NULL || !skip_other(w, &skipped)) {
            return false;
        }
    }
    const char *name = w->at + 1;
    const char *close = memchr(name, '>', (size_t)(w->end - name));
    if (close == NULL) {
        return false;
    }
    w->closes = name < close && *name == '/';
    name += w->closes ? 1 : 0;
    const char *stop = name;
    while (stop < close && *stop != '/' && !is_blank(*stop)) {
        if (*stop == ':') {
            name = stop + 1;
        }
        stop++;
    }
    w->name = (od__span){name, (size_t)(stop - name)};
    w->at = close + 1;
    return true;
}

/* Bytes up to the next tag, without the blanks around them. */
static bool read_id(const walk *w, char *out, size_t out_size)
{
    const char *at = w->at;
    const char *stop = memchr(at, '<', (size_t)(w->end - at));
    if (stop == NULL) {
        return false;
    }
    while (at < stop && is_blank(*at)) {
        at++;
    }
    while (stop > at && is_blank(stop[-1])) {
        stop--;
    }
    size_t len = (size_t)(stop - at);
    if (len == 0 || len >= out_size) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (at[i] <= ' ' || at[i] > '~') {
            return false;
        }
    }
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

static void read_status(const walk *w, od__imdn *out)
{
    static const char *const failures[] = {"failed", "forbidden", "error"};
    out->kind = OD__IMDN_OTHER;
    size_t len =
        w->name.len < sizeof out->status ? w->name.len : sizeof out->status - 1;
    for (size_t i = 0; i < len; i++) {
        char c = w->name.at[i];
        out->status[i] = c > ' ' && c <= '~' ? c : '?';
    }
    out->status[len] = '\0';
    if (!is(w->notified, "delivery-notification")) {
        return;
    }
    if (is(w->name, "delivered")) {
        out->kind = OD__IMDN_DELIVERED;
    }
    for (size_t i = 0; i < OD__LEN(failures); i++) {
        if (is(w->name, failures[i])) {
            out->kind = OD__IMDN_FAILED;
        }
    }
}

static bool is_notification(od__span name)
{
    return is(name, "delivery-notification") ||
           is(name, "display-notification") ||
           is(name, "processing-notification");
}

bool od__imdn_read(od__imdn *out, od__span body)
{
    walk w = {.at = body.at, .end = body.at + body.len};
    bool has_id = false;
    bool has_status = false;
    bool begun = false;
    memset(out, 0, sizeof *out);
    while (!(has_id && has_status) && next_tag(&w)) {
        if (!begun) {
            begun = true;
            if (!is(w.name, "imdn")) {
                return false;
            }
        } else if (is_notification(w.name)) {
            w.notified = w.closes ? (od__span){NULL, 0} : w.name;
        } else if (is(w.name, "status")) {
            w.in_status = !w.closes && w.notified.len > 0;
        } else if (w.closes) {
            continue;
        } else if (is(w.name, "message-id") && !has_id) {
            if (!read_id(&w, out->message_id, sizeof out->message_id)) {
                return false;
            }
            has_id = true;
        } else if (w.in_status && !has_status) {
            read_status(&w, out);
            has_status = true;
        }
    }
    return has_id && has_status;
}

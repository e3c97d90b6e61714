/*
 * torn.c - texts that are damaged; see torn.h.
 */
#include "support/torn.h"

static void insert(od_torn *t, size_t at, const char *bytes, size_t len)
{
    if (t->len + len > TORN_MAX) {
        return;
    }
    memmove(t->bytes + at + len, t->bytes + at, t->len - at);
    memcpy(t->bytes + at, bytes, len);
    t->len += len;
}

static void cut(od_torn *t, size_t at, size_t len)
{
    len = len < t->len - at ? len : t->len - at;
    memmove(t->bytes + at, t->bytes + at + len, t->len - at - len);
    t->len -= len;
}

static void mutate(od_torn *t, const od_torn_words *words)
{
    od__rand *rand = &t->rand;
    size_t at = od__rand_below(rand, t->len + 1);
    size_t len = 1 + od__rand_below(rand, 60);
    char piece[64];
    const char *word = words->texts[od__rand_below(rand, words->len)];
    switch (od__rand_below(rand, 8)) {
    case 0:
        cut(t, at, len);
        break;
    case 1:
        insert(t, at, word, strlen(word));
        break;
    case 2: /* double a piece, somewhere else */
        len = len < t->len - at ? len : t->len - at;
        memcpy(piece, t->bytes + at, len);
        insert(t, od__rand_below(rand, t->len + 1), piece, len);
        break;
    case 3:
        if (at < t->len) {
            t->bytes[at] = (char)od__rand_below(rand, 256);
        }
        break;
    case 4:
        if (at < t->len) {
            t->bytes[at] ^= (char)(1u << od__rand_below(rand, 8));
        }
        break;
    case 5:
        t->len = at; /* torn off */
        break;
    case 6:
        memset(piece, 'a' + (int)od__rand_below(rand, 26), sizeof piece);
        for (int i = 0; i < 9; i++) {
            insert(t, at, piece, sizeof piece);
        }
        break;
    default:
        insert(t, at, "\0", 1);
        break;
    }
}

void torn_make(od_torn *torn, const char *bytes, size_t len,
               const od_torn_words *words)
{
    assert_in_range(len, 0, TORN_MAX);
    torn->len = len;
    memcpy(torn->bytes, bytes, len);
    for (size_t n = 1 + od__rand_below(&torn->rand, 4); n > 0; n--) {
        mutate(torn, words);
    }
}

char *torn_exact(const od_torn *torn)
{
    char *exact = malloc(torn->len > 0 ? torn->len : 1);
    assert_non_null(exact);
    memcpy(exact, torn->bytes, torn->len);
    return exact;
}

/*
 * torn.h - texts that are damaged, for tests of what parses them.
 *
 * A valid text is set, then mutated: bytes flipped, cut, doubled, moved, made
 * long; words of the format in wrong places; NUL bytes and broken UTF-8.
 */
#ifndef OD_TEST_TORN_H
#define OD_TEST_TORN_H

#include "support/test.h"

#include "base/base.h"

#define TORN_MAX 16384

typedef struct od_torn {
    od__rand rand; /* seeded by the test */
    size_t len;
    char bytes[TORN_MAX];
} od_torn;

/* What is strewn in: words of the format, and what belongs into no text. */
typedef struct od_torn_words {
    const char *const *texts;
    size_t len;
} od_torn_words;

/* At most TORN_MAX bytes, damaged in one to four ways. */
void torn_make(od_torn *torn, const char *bytes, size_t len,
               const od_torn_words *words);
/* A copy in memory of exactly its size, so that reading beyond it is seen;
 * malloc'd. */
char *torn_exact(const od_torn *torn);

#endif

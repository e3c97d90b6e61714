/*
 * sim_book.c - the numbers that were reached or told: phone -> entry.
 *
 * Open addressing with linear probing, at most three quarters full; entries
 * are never removed. Grows by doubling: a simulation of a million contacts
 * keeps one entry for each. Called by sim.c only.
 */
#include "transport/transport.h"

#include <assert.h>
#include <stdlib.h>

#define BOOK_LEN_FIRST 1024

/* Where the phone is or would go. The table is never full. */
static od__sim_entry *probe(od__sim_entry *entries, size_t len_max,
                            uint64_t phone)
{
    uint64_t hash = phone * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 32) & (len_max - 1);
    while (entries[at].phone != 0 && entries[at].phone != phone) {
        at = (at + 1) & (len_max - 1);
    }
    return &entries[at];
}

static bool grow(od__sim_book *book)
{
    size_t len_max = book->len_max != 0 ? book->len_max * 2 : BOOK_LEN_FIRST;
    od__sim_entry *entries = calloc(len_max, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < book->len_max; i++) {
        if (book->entries[i].phone != 0) {
            *probe(entries, len_max, book->entries[i].phone) = book->entries[i];
        }
    }
    free(book->entries);
    book->entries = entries;
    book->len_max = len_max;
    return true;
}

od__sim_entry *od__sim_book_at(od__sim_book *book, uint64_t phone)
{
    assert(phone != 0);
    if (book->len + 1 > book->len_max / 4 * 3 && !grow(book)) {
        return NULL;
    }
    od__sim_entry *entry = probe(book->entries, book->len_max, phone);
    if (entry->phone == 0) {
        entry->phone = phone;
        book->len++;
    }
    return entry;
}

void od__sim_book_clear(od__sim_book *book)
{
    for (size_t i = 0; i < book->len_max; i++) {
        od__sim_play_drop(book->entries[i].play);
        od__sim_text_play_free(book->entries[i].text_play);
    }
    free(book->entries);
    memset(book, 0, sizeof *book);
}

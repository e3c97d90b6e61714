/*
 * rand.c - repeatable numbers from a seed, and a seed from the system.
 *
 * Not for secrets: who sees one number knows the rest.
 * Source: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014).
 */
#include "base/base.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>

uint64_t od__rand_next(od__rand *rand)
{
    rand->state += 0x9e3779b97f4a7c15u;
    uint64_t z = rand->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t od__rand_below(od__rand *rand, uint64_t n)
{
    assert(n > 0);
    /* The 2^64 mod n lowest values would come up once too often. Less than
     * half of all values are refused, so this ends soon. */
    uint64_t refused = (0 - n) % n;
    uint64_t value;
    do {
        value = od__rand_next(rand);
    } while (value < refused);
    return value % n;
}

od_err od__rand_system(od__rand *rand)
{
    uint64_t seed = 0;
    ssize_t got;
    do {
        got = getrandom(&seed, sizeof seed, 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof seed) {
        return OD_ERR_IO;
    }
    rand->state = seed;
    return OD_OK;
}

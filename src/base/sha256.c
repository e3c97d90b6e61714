/*
 * sha256.c - one hash, by libcrypto: of pieces at hand, or piece by piece.
 *
 * The plain functions, not EVP: they allocate nothing, cannot fail and leave
 * the library's global state alone. OpenSSL 3 calls them deprecated unless the
 * program says that it was written for 1.1.
 *
 * Source: FIPS 180-4.
 */
#define OPENSSL_API_COMPAT 0x10100000L

#include "base/base.h"

#include <openssl/sha.h>
#include <stdlib.h>

struct od__hash {
    SHA256_CTX ctx;
};

void od__sha256(const void *bytes, size_t len, uint8_t out[32])
{
    od__sha256_pair(bytes, len, NULL, 0, out);
}

void od__sha256_pair(const void *a, size_t a_len, const void *b, size_t b_len,
                     uint8_t out[32])
{
    SHA256_CTX ctx;
    (void)SHA256_Init(&ctx);
    if (a_len > 0) {
        (void)SHA256_Update(&ctx, a, a_len);
    }
    if (b_len > 0) {
        (void)SHA256_Update(&ctx, b, b_len);
    }
    (void)SHA256_Final(out, &ctx);
}

od__hash *od__hash_new(void)
{
    od__hash *hash = malloc(sizeof *hash);
    if (hash != NULL) {
        (void)SHA256_Init(&hash->ctx);
    }
    return hash;
}

void od__hash_add(od__hash *hash, const void *bytes, size_t len)
{
    if (len > 0) {
        (void)SHA256_Update(&hash->ctx, bytes, len);
    }
}

void od__hash_end(od__hash *hash, uint8_t out[32])
{
    (void)SHA256_Final(out, &hash->ctx);
}

void od__hash_free(od__hash *hash)
{
    free(hash);
}

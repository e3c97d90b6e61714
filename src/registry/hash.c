/*
 * hash.c - SHA-256 of bytes that come piece by piece.
 *
 * Texts and files of a registry are larger than what base/sha256.c wants in one
 * piece. The plain functions, for the same reasons as there.
 *
 * Source: FIPS 180-4.
 */
#define OPENSSL_API_COMPAT 0x10100000L

#include "registry/registry.h"

#include <openssl/sha.h>
#include <stdlib.h>

struct od__registry_hash {
    SHA256_CTX ctx;
};

od__registry_hash *od__registry_hash_new(void)
{
    od__registry_hash *hash = malloc(sizeof *hash);
    if (hash != NULL) {
        (void)SHA256_Init(&hash->ctx);
    }
    return hash;
}

void od__registry_hash_add(od__registry_hash *hash, const void *bytes,
                           size_t len)
{
    if (len > 0) {
        (void)SHA256_Update(&hash->ctx, bytes, len);
    }
}

void od__registry_hash_end(od__registry_hash *hash, uint8_t out[32])
{
    (void)SHA256_Final(out, &hash->ctx);
}

void od__registry_hash_free(od__registry_hash *hash)
{
    free(hash);
}

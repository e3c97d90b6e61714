/*
 * sha256.c - one hash, by libcrypto.
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

void od__sha256(const void *bytes, size_t len, uint8_t out[32])
{
    SHA256_CTX ctx;
    (void)SHA256_Init(&ctx);
    if (len > 0) {
        (void)SHA256_Update(&ctx, bytes, len);
    }
    (void)SHA256_Final(out, &ctx);
}

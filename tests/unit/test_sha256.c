/*
 * test_sha256.c - the examples of FIPS 180-4; in pieces or at once.
 */
#include "support/test.h"

#include "base/base.h"

static void check(const char *text, size_t len, const char *expected)
{
    uint8_t hash[32];
    od__sha256(text, len, hash);
    char hex[65];
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    assert_string_equal(hex, expected);
}

/* Piece by piece it is the hash of the whole, wherever it is cut. */
static void test_sha256_of_pieces(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    for (size_t part = 1; part <= sizeof bytes; part++) {
        uint8_t whole[32];
        uint8_t pieces[32];
        od__hash *hash = od__hash_new();
        assert_non_null(hash);
        for (size_t at = 0; at < sizeof bytes; at += part) {
            size_t left = sizeof bytes - at;
            od__hash_add(hash, bytes + at, part < left ? part : left);
            od__hash_add(hash, NULL, 0);
        }
        od__hash_end(hash, pieces);
        od__hash_free(hash);
        od__sha256(bytes, sizeof bytes, whole);
        assert_memory_equal(pieces, whole, sizeof whole);
    }
    od__hash_free(NULL);
}

static void test_sha256_examples(void **state)
{
    (void)state;
    check(NULL, 0,
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
          "7852b855");
    check("abc", 3,
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
          "f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_examples),
        cmocka_unit_test(test_sha256_of_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

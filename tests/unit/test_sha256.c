/*
 * test_sha256.c - the examples of FIPS 180-4.
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

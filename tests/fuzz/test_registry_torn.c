/*
 * test_registry_torn.c - 6,000 registry files that were damaged: refused, or
 * every answer comes out of the file and nothing else.
 *
 * Seeded mutations of a valid file: bits flipped, bytes and words overwritten,
 * pieces moved, cut off, doubled, added. Half of them get hashes that fit, as
 * an attacker would compute them, so that the checks behind the hashes are
 * reached. What is opened is asked, verified, and made the base of a build.
 * Run it under the address sanitizer to see a read beyond the directory; one
 * beyond the file ends the program in any case.
 */
#include "support/registry_kit.h"

#define FILES 6000
#define ROOM 60000

typedef struct image {
    size_t len;
    uint8_t bytes[ROOM];
} image;

static void mutate_word(image *m, od__rand *rand, size_t at)
{
    static const uint32_t values[] = {0,          1,     2,       511,   512,
                                      6912,       10000, 10001,   65535, 624,
                                      UINT32_MAX, 625,   1u << 31};
    uint32_t value = od__rand_below(rand, 2) == 0
                         ? values[od__rand_below(rand, OD__LEN(values))]
                         : (uint32_t)od__rand_below(rand, m->len + 2);
    at = at / 4 * 4;
    if (at + 4 <= m->len) {
        od__le32_put(m->bytes + at, value);
    }
}

static void mutate(image *m, od__rand *rand)
{
    /* Most of a file is zero; header and entries in use are what matters. */
    size_t at = od__rand_below(rand, 3) == 0 ? od__rand_below(rand, 512)
                                             : od__rand_below(rand, m->len + 1);
    size_t len = 1 + od__rand_below(rand, 64);
    at = at < m->len ? at : m->len;
    len = len < m->len - at ? len : m->len - at;
    switch (od__rand_below(rand, 7)) {
    case 0:
        if (at < m->len) {
            m->bytes[at] ^= (uint8_t)(1u << od__rand_below(rand, 8));
        }
        break;
    case 1:
        if (at < m->len) {
            m->bytes[at] = (uint8_t)od__rand_below(rand, 256);
        }
        break;
    case 2:
        mutate_word(m, rand, at);
        break;
    case 3:
        m->len = od__rand_below(rand, 4) == 0 ? at : m->len - len;
        break;
    case 4:
        memmove(m->bytes + at, m->bytes + at + len, m->len - at - len);
        m->len -= len;
        break;
    case 5: /* doubled */
        if (m->len + len <= ROOM) {
            memmove(m->bytes + at + len, m->bytes + at, m->len - at);
            m->len += len;
        }
        break;
    default: /* an entry in use, a little off */
        for (size_t i = at; i + 8 <= m->len; i++) {
            if (m->bytes[i] != 0) {
                m->bytes[i] = (uint8_t)(m->bytes[i] + od__rand_below(rand, 5));
                break;
            }
        }
        break;
    }
}

/* A mutation that keeps the sizes right gets further. */
static void fit_size(image *m)
{
    if (m->len >= OD__REGISTRY_HEADER) {
        od__le32_put(m->bytes + 64, (uint32_t)m->len);
        od__le32_put(m->bytes + 68, 0);
    }
}

/* Ask for numbers of all kinds; how many of them are on the list? */
static int ask(const od__registry *registry, od__rand *rand)
{
    static const uint64_t areas[] = {212, 305, 907};
    int found = 0;
    for (int i = 0; i < 2000; i++) {
        uint64_t area = areas[od__rand_below(rand, OD__LEN(areas))];
        uint64_t phone = UINT64_C(10000000000) + area * 10000000 +
                         od__rand_below(rand, 10000000);
        if (i % 10 == 0) {
            phone = od__rand_next(rand);
        } else if (i % 10 < 6) { /* an exchange in use */
            phone = phone / 10000000 * 10000000 +
                    (555 + od__rand_below(rand, 3)) * 10000 + phone % 10000;
        }
        found += od__registry_has(registry, phone) ? 1 : 0;
        (void)od__registry_covers(registry, phone);
    }
    const od_registry_info *info = od__registry_info(registry);
    assert_in_range(strlen(info->name), 1, OD_REGISTRY_NAME_MAX);
    assert_in_range(strlen(info->first_reject_why), 0, 63);
    assert_true(info->obtained_utc_ms > 0 && info->count >= 0);
    return found;
}

/* A valid file with sparse, dense and full exchanges. */
static void make_valid(registry_kit *kit, image *out)
{
    char *text = malloc(200000);
    assert_non_null(text);
    size_t at = 0;
    static const int counts[] = {3, 700, 10000};
    for (int e = 0; e < 3; e++) {
        for (int i = 0; i < counts[e]; i++) {
            at += (size_t)sprintf(text + at, "212%03d%04d\n", 555 + e, i);
        }
    }
    (void)sprintf(text + at, "3055550100\nx\n9075569999\n9075570000\n");
    registry_kit_builds(kit, text);
    free(text);
    uint8_t *bytes = registry_kit_read(kit->out, &out->len);
    assert_in_range(out->len, 1, ROOM - 1000);
    memcpy(out->bytes, bytes, out->len);
    free(bytes);
}

static void test_registry_torn(void **state)
{
    (void)state;
    od__rand rand = {.state = od_test_seed(7)};
    registry_kit kit;
    image *valid = calloc(1, sizeof *valid);
    image *m = calloc(1, sizeof *m);
    int opened = 0;
    int verified = 0;
    int sealed = 0;
    int64_t hits = 0;
    assert_non_null(valid);
    assert_non_null(m);
    registry_kit_begin(&kit);
    make_valid(&kit, valid);
    registry_kit_write(&kit, kit.text, "2125550100,A\n", 13);
    kit.options.base_path = kit.base;
    for (int i = 0; i < FILES; i++) {
        od__registry *registry = NULL;
        od_errmsg errmsg = {""};
        *m = *valid;
        for (size_t n = 1 + od__rand_below(&rand, 2); n > 0; n--) {
            mutate(m, &rand);
        }
        if (i % 2 == 1) {
            fit_size(m);
            registry_kit_seal(m->bytes, m->len);
        }
        registry_kit_write(&kit, kit.base, m->bytes, m->len);
        od_err err = od__registry_open(&registry, kit.base, &errmsg);
        if (err != OD_OK) {
            assert_true(err == OD_ERR_FORMAT || err == OD_ERR_VERSION ||
                        err == OD_ERR_CORRUPT);
            assert_non_null(strstr(errmsg.text, kit.base));
            continue;
        }
        opened++;
        sealed += i % 2;
        hits += ask(registry, &rand);
        bool right = od__registry_check(registry, NULL) == OD_OK;
        verified += right ? 1 : 0;
        od__registry_free(registry);
        err = od_registry_build(&kit.options, &kit.info, &errmsg);
        assert_true(right || err == OD_ERR_CORRUPT || err == OD_ERR_INVALID);
    }
    print_message("of %d files %d were opened, %d of them with hashes made to "
                  "fit, %d held what they say\n",
                  FILES, opened, sealed, verified);
    assert_in_range(opened, FILES / 50, FILES);
    assert_in_range(sealed, FILES / 100, FILES);
    assert_true(verified < opened && hits > opened);
    registry_kit_end(&kit);
    free(valid);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry_torn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

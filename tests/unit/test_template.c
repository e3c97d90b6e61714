/*
 * test_template.c - templates: what they become, and what is wrong with those
 * that are none.
 */
#include "support/test.h"

#include "text/text.h"

/* Values by name; a template is rendered with them. */
typedef struct people {
    const od__template *compiled;
    const char *const (*values)[2]; /* up to a NULL name */
} people;

static const char *value_of(void *ctx, size_t field)
{
    const people *p = ctx;
    for (const char *const(*v)[2] = p->values; (*v)[0] != NULL; v++) {
        if (strcmp((*v)[0], p->compiled->fields[field].name) == 0) {
            return (*v)[1];
        }
    }
    return NULL;
}

static const char *const anna[][2] = {
    {"first_name", "Anna"}, {"city", "Łódź"},     {"empty", ""},
    {"blank", " \t\r\n"},   {"braces", "{{x}}"},  {"a b", "with a blank"},
    {"größe", "7"},         {"x|y", "never"},     {NULL, NULL},
};

static const char *render(const char *text)
{
    static od__template compiled;
    static char out[OD_MESSAGE_MAX + 1];
    od_errmsg errmsg = {""};
    if (od__template_compile(&compiled, text, NULL, NULL, &errmsg) != OD_OK) {
        fail_msg("%s: %s", text, errmsg.text);
    }
    people p = {&compiled, anna};
    assert_true(od__template_render(&compiled, value_of, &p, out, sizeof out));
    return out;
}

static void test_template_renders(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"no field", "no field"},
        {"{{first_name}}", "Anna"},
        {"Hi {{first_name}}!", "Hi Anna!"},
        {"{{first_name}}{{city}}", "AnnaŁódź"},
        {"{{ first_name\t}}", "Anna"},
        {"{{a b}} {{größe}}", "with a blank 7"},
        {"{{nobody}}", ""},
        {"<{{empty}}>", "<>"},
        /* Defaults. */
        {"Hi {{first_name|there}}", "Hi Anna"},
        {"Hi {{empty|there}}", "Hi there"},
        {"Hi {{blank|there}}", "Hi there"},
        {"Hi {{nobody|you there}}", "Hi you there"},
        {"Hi{{empty| there }}.", "Hi there ."},
        {"<{{empty|}}>", "<>"},
        {"{{empty|a|b}}", "a|b"},
        {"{{x|y}}", "y"},
        {"{{ empty |d}}", "d"},
        {"{{empty|{a}b}}", "{a}b"},
        {"{{empty|größer}} {{empty|again}}", "größer again"},
        /* Braces. */
        {"{", "{"},
        {"}", "}"},
        {"{a} } { {", "{a} } { {"},
        {"{{{{", "{{"},
        {"}}}}", "}}"},
        {"{{{{first_name}}}}", "{{first_name}}"},
        {"{{{{{{first_name}}}}}}", "{{Anna}}"},
        {"{{first_name}}}", "Anna}"},
        {"a{{{{b}}}}c{{{{", "a{{b}}c{{"},
        {"{{{{{{{{", "{{{{"},
        /* What comes from a contact is text. */
        {"{{braces}} {{braces|}}", "{{x}} {{x}}"},
        {"line\n{{first_name}}\nend", "line\nAnna\nend"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_string_equal(render(cases[i][0]), cases[i][1]);
    }
}

static void test_template_fields(void **state)
{
    (void)state;
    od__template t;
    assert_int_equal(
        od__template_compile(&t, "ä {{b}} {{a|x}} {{b|y}} {{a|z}} {{c}}", NULL,
                             NULL, NULL),
        OD_OK);
    static const struct {
        const char *name;
        int32_t at;
        bool has_default;
    } expected[] = {{"b", 3, false}, {"a", 9, true}, {"c", 33, false}};
    assert_int_equal(t.fields_len, OD__LEN(expected));
    for (size_t i = 0; i < OD__LEN(expected); i++) {
        assert_string_equal(t.fields[i].name, expected[i].name);
        assert_int_equal(t.fields[i].at, expected[i].at);
        assert_int_equal(t.fields[i].has_default, expected[i].has_default);
        assert_true(t.fields[i].known);
        assert_int_equal(t.fields[i].empty, 0);
    }
}

static bool knows_city(void *ctx, const char *name)
{
    assert_null(ctx);
    return strcmp(name, "city") == 0;
}

/* Each failure says where, which field, and what to do. */
static void test_template_failures(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"Hi {{first_name", "character 4:", "\"first_name\"", "write }}"},
        {"{{", "character 1:", "\"\"", "write }}"},
        {"Hi {{first_name}", "character 4:", "\"first_name}\"", "write }}"},
        {"ü{{}}", "character 2:", "name is missing", "{{first_name}}"},
        {"{{ \t}}", "character 1:", "name is missing", "{{first_name}}"},
        {"{{|there}}", "character 1:", "name is missing", "{{first_name}}"},
        {"Hi }} there", "character 4:", "}} closes no field", "write }}}}"},
        {"{{city}} a}}", "character 11:", "}} closes no field", "}}}}"},
        {"{{{{city}}", "character 9:", "}} closes no field", "}}}}"},
        {"{{city|{{city}}}}", "character 8:", "\"city|\"", "close that one"},
        {"{{ci{{ty}}", "character 5:", "\"ci\"", "close that one"},
        {"{{{city}}}", "character 1:", "\"{city\"", "write {{name}}"},
        {"{{ci}ty}}", "character 1:", "\"ci}ty\"", "write {{name}}"},
        {"{{ci\nty}}", "character 1:", "\"ci?ty\"", "write {{name}}"},
        {"{{city}} {{ctiy}}", "character 10:", "\"ctiy\"", "use one"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od__template t;
        od_errmsg errmsg = {""};
        assert_int_equal(od__template_compile(&t, cases[i][0], knows_city, NULL,
                                              &errmsg),
                         OD_ERR_FORMAT);
        for (size_t j = 1; j < 4; j++) {
            if (strstr(errmsg.text, cases[i][j]) == NULL) {
                fail_msg("%s: \"%s\" lacks \"%s\"", cases[i][0], errmsg.text,
                         cases[i][j]);
            }
        }
        assert_int_equal(strncmp(errmsg.text, cases[i][1],
                                 strlen(cases[i][1])),
                         0);
        assert_int_equal(
            od__template_compile(&t, cases[i][0], knows_city, NULL, NULL),
            OD_ERR_FORMAT);
    }
}

static void test_template_not_a_text(void **state)
{
    (void)state;
    od__template t;
    od_errmsg errmsg;
    char text[OD_MESSAGE_MAX + 2];
    assert_int_equal(od__template_compile(&t, "caf\xc3", NULL, NULL, &errmsg),
                     OD_ERR_INVALID);
    memset(text, 'a', sizeof text);
    text[OD_MESSAGE_MAX + 1] = '\0';
    assert_int_equal(od__template_compile(&t, text, NULL, NULL, &errmsg),
                     OD_ERR_INVALID);
    text[OD_MESSAGE_MAX] = '\0';
    assert_int_equal(od__template_compile(&t, text, NULL, NULL, &errmsg),
                     OD_OK);
}

/* Names of at most 127 bytes, 64 different ones, 128 with text between. */
static void test_template_limits(void **state)
{
    (void)state;
    od__template t;
    od_errmsg errmsg = {""};
    char text[OD_MESSAGE_MAX + 1];
    char name[OD_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    name[OD_NAME_MAX] = '\0';
    (void)snprintf(text, sizeof text, "{{%s}}", name);
    assert_int_equal(od__template_compile(&t, text, NULL, NULL, NULL), OD_OK);
    assert_string_equal(t.fields[0].name, name);
    name[OD_NAME_MAX] = 'n';
    name[OD_NAME_MAX + 1] = '\0';
    (void)snprintf(text, sizeof text, "{{%s}}", name);
    assert_int_equal(od__template_compile(&t, text, NULL, NULL, &errmsg),
                     OD_ERR_FORMAT);
    assert_non_null(strstr(errmsg.text, "more than 127 bytes"));
    for (int fields = 60; fields < 70; fields++) {
        size_t len = 0;
        for (int i = 0; i < fields; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "{{f%d}}",
                                    i);
        }
        assert_int_equal(od__template_compile(&t, text, NULL, NULL, &errmsg),
                         fields <= OD_TEMPLATE_FIELDS_MAX ? OD_OK
                                                          : OD_ERR_FORMAT);
    }
    assert_non_null(strstr(errmsg.text, "one too many"));
    for (int fields = 120; fields < 135; fields++) {
        size_t len = 0;
        for (int i = 0; i < fields; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "-{{f}}");
        }
        assert_int_equal(od__template_compile(&t, text, NULL, NULL, &errmsg),
                         fields <= 128 ? OD_OK : OD_ERR_FORMAT);
    }
}

/* A buffer of every size: what fits, up to the end of a character. */
static void test_template_bounded(void **state)
{
    (void)state;
    static const char text[] = "Hällo {{city}}, {{empty|öäü}}{{first_name}}";
    char whole[64];
    (void)snprintf(whole, sizeof whole, "%s", render(text));
    od__template t;
    assert_int_equal(od__template_compile(&t, text, NULL, NULL, NULL), OD_OK);
    people p = {&t, anna};
    size_t len = strlen(whole);
    for (size_t size = 1; size <= len + 2; size++) {
        char *out = malloc(size); /* at its exact size */
        assert_non_null(out);
        assert_int_equal(od__template_render(&t, value_of, &p, out, size),
                         size > len);
        size_t got = strlen(out);
        assert_true(got < size);
        assert_true(got + 2 > (size > len ? len : size - 1));
        assert_memory_equal(out, whole, got);
        assert_true(od__utf8_is_valid(out, got));
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_template_renders),
        cmocka_unit_test(test_template_fields),
        cmocka_unit_test(test_template_failures),
        cmocka_unit_test(test_template_not_a_text),
        cmocka_unit_test(test_template_limits),
        cmocka_unit_test(test_template_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

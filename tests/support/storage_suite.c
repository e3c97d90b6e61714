/*
 * storage_suite.c - runs the tests of the suite over one backend.
 *
 * Each test gets a storage of its own in a folder of its own. After it,
 * whatever it did, everything must add up: at once, and again after the
 * storage was closed and opened.
 */
#include "support/storage_kit.h"

static const od_kit_case *const files[] = {
    kit_cases_people,  kit_cases_enrol,   kit_cases_campaign,
    kit_cases_dnc,     kit_cases_consent, kit_cases_claim,
    kit_cases_outcome, kit_cases_phones,  kit_cases_nobody,
    kit_cases_targets, kit_cases_calls,   kit_cases_erase,
    kit_cases_texts,   kit_cases_receipts, kit_cases_steer,
    kit_cases_replies, kit_cases_notices, kit_cases_model,
};

/* What a test is started with, then what it works on. */
typedef struct run {
    const od_suite_backend *backend;
    const od_kit_case *test;
    od_kit *kit;
} run;

static int set_up(void **state)
{
    run *self = *state;
    self->kit = kit_new(self->backend);
    return 0;
}

static void run_case(void **state)
{
    run *self = *state;
    self->test->run(self->kit);
    kit_check(self->kit);
    kit_reopen(self->kit);
    kit_check(self->kit);
}

static int tear_down(void **state)
{
    run *self = *state;
    kit_free(self->kit);
    return 0;
}

int od_storage_suite(const od_suite_backend *backend)
{
    size_t len = 0;
    for (size_t i = 0; i < OD__LEN(files); i++) {
        for (const od_kit_case *test = files[i]; test->run != NULL; test++) {
            len++;
        }
    }
    run *runs = calloc(len, sizeof *runs);
    struct CMUnitTest *tests = calloc(len, sizeof *tests);
    if (runs == NULL || tests == NULL) {
        free(runs);
        free(tests);
        return 1;
    }
    len = 0;
    for (size_t i = 0; i < OD__LEN(files); i++) {
        for (const od_kit_case *test = files[i]; test->run != NULL; test++) {
            runs[len] = (run){.backend = backend, .test = test};
            tests[len] = (struct CMUnitTest){.name = test->name,
                                             .test_func = run_case,
                                             .setup_func = set_up,
                                             .teardown_func = tear_down,
                                             .initial_state = &runs[len]};
            len++;
        }
    }
    int failed =
        _cmocka_run_group_tests(backend->name, tests, len, NULL, NULL);
    free(tests);
    free(runs);
    return failed;
}

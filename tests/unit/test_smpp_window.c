/*
 * test_smpp_window.c - requests that await an answer.
 */
#include "support/test.h"

#include "transport/smpp/agent.h"

static void test_smpp_window_is_full_at_its_limit(void **state)
{
    od__smpp_window window;
    od__smpp_text text;
    (void)state;
    memset(&text, 0, sizeof text);
    assert_int_equal(od__smpp_window_init(&window, 3), OD_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_non_null(od__smpp_window_add(&window, &text, i));
    }
    assert_null(od__smpp_window_add(&window, &text, 3));
    od__smpp_window_left(&window, UINT64_MAX, 100);
    assert_int_equal(text.left, 3);
    od__smpp_window_remove(&window, od__smpp_window_find(&window, 2));
    assert_null(od__smpp_window_find(&window, 2));
    assert_non_null(od__smpp_window_add(&window, &text, 3));
    od__smpp_window_clear(&window);
}

/* What did not leave has no answer. */
static void test_smpp_window_finds_what_has_left(void **state)
{
    od__smpp_window window;
    od__smpp_text text;
    (void)state;
    memset(&text, 0, sizeof text);
    assert_int_equal(od__smpp_window_init(&window, 8), OD_OK);
    od__smpp_request *first = od__smpp_window_add(&window, &text, 0);
    od__smpp_request *second = od__smpp_window_add(&window, &text, 1);
    first->end = 100;
    second->end = 200;
    assert_null(od__smpp_window_find(&window, 1));
    od__smpp_window_left(&window, 199, 1000);
    assert_ptr_equal(od__smpp_window_find(&window, 1), first);
    assert_null(od__smpp_window_find(&window, 2));
    assert_int_equal(text.left, 1);
    od__smpp_window_left(&window, 200, 1010);
    assert_ptr_equal(od__smpp_window_find(&window, 2), second);
    assert_null(od__smpp_window_find(&window, 0));
    assert_null(od__smpp_window_find(&window, 9)); /* the place of 1 */

    assert_null(od__smpp_window_over(&window, 999));
    assert_ptr_equal(od__smpp_window_over(&window, 1000), first);
    od__smpp_window_remove(&window, first);
    assert_null(od__smpp_window_over(&window, 1009));
    assert_int_equal(window.due_ms, 1010);
    assert_ptr_equal(od__smpp_window_over(&window, 1010), second);
    od__smpp_window_remove(&window, second);
    assert_null(od__smpp_window_over(&window, 2000));
    assert_int_equal(window.due_ms, OD_NEVER);
    od__smpp_window_clear(&window);
}

/* One that is never answered keeps its place while the numbers go round; they
 * begin again at 1. */
static void test_smpp_window_passes_over_places_in_use(void **state)
{
    od__smpp_window window;
    od__smpp_text text;
    (void)state;
    memset(&text, 0, sizeof text);
    assert_int_equal(od__smpp_window_init(&window, 4), OD_OK);
    window.sequence = 0x7ffffff9;
    od__smpp_request *old = od__smpp_window_add(&window, &text, 0);
    uint32_t before = old->sequence;
    for (int i = 0; i < 100; i++) {
        od__smpp_request *request = od__smpp_window_add(&window, &text, 1);
        assert_non_null(request);
        assert_ptr_not_equal(request, old);
        assert_in_range(request->sequence, 1, 0x7fffffff);
        od__smpp_window_left(&window, UINT64_MAX, 1);
        assert_ptr_equal(od__smpp_window_find(&window, request->sequence),
                         request);
        od__smpp_window_remove(&window, request);
    }
    assert_ptr_equal(od__smpp_window_find(&window, before), old);
    assert_true(window.sequence < 200);
    od__smpp_window_clear(&window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_window_is_full_at_its_limit),
        cmocka_unit_test(test_smpp_window_finds_what_has_left),
        cmocka_unit_test(test_smpp_window_passes_over_places_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

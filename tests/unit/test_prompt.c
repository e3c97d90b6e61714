/*
 * test_prompt.c - frames of both codecs, and holders in several threads.
 */
#include "support/test.h"

#include "media/media.h"

#include <pthread.h>

static const od_prompt *make(size_t len)
{
    int16_t *samples = malloc((len + 1) * sizeof *samples);
    assert_non_null(samples);
    for (size_t i = 0; i < len; i++) {
        samples[i] = (int16_t)((int)(i * 37 % 20000) - 10000);
    }
    const od_prompt *prompt = NULL;
    assert_int_equal(od__prompt_new(&prompt, samples, len, NULL), OD_OK);
    free(samples);
    return prompt;
}

static void test_prompt_frames(void **state)
{
    (void)state;
    const od_prompt *prompt = make(400); /* two and a half */
    assert_int_equal(od_prompt_duration_ms(prompt), 60);
    for (int codec = 0; codec < OD_CODECS; codec++) {
        size_t frames = 0;
        size_t frame_bytes = 0;
        const uint8_t *bytes =
            od_prompt_frames(prompt, (od_codec)codec, &frames, &frame_bytes);
        assert_non_null(bytes);
        assert_int_equal(frames, 3);
        assert_int_equal(frame_bytes, 160);
        for (size_t i = 0; i < 400; i++) {
            int16_t sample = (int16_t)((int)(i * 37 % 20000) - 10000);
            uint8_t byte = 0;
            od__codec_encode((od_codec)codec, &sample, 1, &byte);
            assert_int_equal(bytes[i], byte);
        }
        for (size_t i = 400; i < 480; i++) {
            assert_int_equal(bytes[i], od__codec_silence((od_codec)codec));
        }
    }
    od_prompt_drop(prompt);
}

static void test_prompt_exact_frames(void **state)
{
    (void)state;
    const od_prompt *prompt = make(160);
    assert_int_equal(od_prompt_duration_ms(prompt), 20);
    od_prompt_drop(prompt);
    prompt = make(1);
    assert_int_equal(od_prompt_duration_ms(prompt), 20);
    od_prompt_drop(prompt);
}

static void test_prompt_refuses(void **state)
{
    (void)state;
    const int16_t sample = 0;
    const od_prompt *prompt = NULL;
    od_errmsg errmsg;
    assert_int_equal(od__prompt_new(&prompt, &sample, 0, &errmsg),
                     OD_ERR_INVALID);
    assert_int_equal(od__prompt_new(&prompt, &sample, SIZE_MAX, &errmsg),
                     OD_ERR_INVALID);
    assert_int_equal(od__prompt_new(&prompt, &sample, 4800001, &errmsg),
                     OD_ERR_INVALID);
    assert_null(prompt);
}

static void test_prompt_bad_arguments(void **state)
{
    (void)state;
    size_t frames = 9;
    size_t frame_bytes = 0;
    od_prompt_hold(NULL);
    od_prompt_drop(NULL);
    assert_int_equal(od_prompt_duration_ms(NULL), 0);
    assert_null(od_prompt_frames(NULL, OD_CODEC_PCMU, &frames, &frame_bytes));
    assert_int_equal(frames, 0);
    const od_prompt *prompt = make(160);
    assert_null(od_prompt_frames(prompt, (od_codec)2, &frames, NULL));
    assert_null(od_prompt_frames(prompt, (od_codec)-1, NULL, NULL));
    assert_non_null(od_prompt_frames(prompt, OD_CODEC_PCMA, NULL, NULL));
    od_prompt_drop(prompt);
}

static void *hold_and_drop(void *ctx)
{
    const od_prompt *prompt = ctx;
    for (int i = 0; i < 20000; i++) {
        od_prompt_hold(prompt);
        (void)od_prompt_duration_ms(prompt);
        od_prompt_drop(prompt);
    }
    od_prompt_drop(prompt); /* the hold that this thread was given */
    return NULL;
}

static void test_prompt_is_freed_by_the_last_thread(void **state)
{
    (void)state;
    od_prompt *prompt = (od_prompt *)make(1600);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        od_prompt_hold(prompt);
        assert_int_equal(
            pthread_create(&threads[i], NULL, hold_and_drop, prompt), 0);
    }
    od_prompt_drop(prompt);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prompt_frames),
        cmocka_unit_test(test_prompt_exact_frames),
        cmocka_unit_test(test_prompt_refuses),
        cmocka_unit_test(test_prompt_bad_arguments),
        cmocka_unit_test(test_prompt_is_freed_by_the_last_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

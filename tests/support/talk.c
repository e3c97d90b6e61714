/*
 * talk.c - one answered call, driven key by key; see talk.h.
 */
#include "support/talk.h"

const char talk_survey[] = "survey s\n"
                          "question q\n"
                          "play ask more\n"
                          "key 1 Yes -> why\n"
                          "key 2 No hangup\n"
                          "key 3 Stop optout\n"
                          "key # Done -> end\n"
                          "tries 2\n"
                          "invalid wrong\n"
                          "silence nothing\n"
                          "question why\n"
                          "play ask\n"
                          "key 1 Because\n"
                          "key 2 Back -> q\n"
                          "barge_in no\n"
                          "end bye\n"
                          "failed sorry\n";

static void on_event(void *ctx, const od_event *event)
{
    od_talk *p = ctx;
    if (event->type == OD_EVENT_ANSWER) {
        p->answers++;
        p->last = event->u.answer;
    } else if (event->type == OD_EVENT_OPT_OUT) {
        p->opt_outs++;
    } else if (event->type == OD_EVENT_CALL_ENDED) {
        p->ended++;
        p->survey_done = event->u.call.survey_done;
    }
}

int talk_setup(void **state)
{
    od_talk *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    mute_init(&p->mute);
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
    *state = p;
    return 0;
}

int talk_teardown(void **state)
{
    od_talk *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

void talk_begin(od_talk *p)
{
    static const char *const names[] = {"ask", "more", "wrong", "nothing",
                                        "bye", "sorry", "removed"};
    mute_open(&p->mute, &p->stage, shaky_new(&p->shaky, NULL));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)od_world_prompt(&p->stage.world, names[i], 1000);
    }
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &p->options, "first");
}

/* Steps, now, until nothing is left to do; the store may fail. */
void talk_step(od_talk *p)
{
    od_event event;
    const od_now *now = &p->stage.world.now;
    for (int i = 0; i < 3; i++) {
        (void)od_engine_step(p->stage.engine, now);
        while (od_engine_next_event(p->stage.engine, &event)) {
            on_event(p, &event);
        }
    }
}

/* Dial the one person, who answers. `survey` may be NULL. */
void talk_call(od_talk *p, const char *survey)
{
    if (survey != NULL) {
        stage_ok(&p->stage,
                 od_survey_add(p->stage.engine, survey, strlen(survey),
                               &p->options.survey));
    }
    p->campaign = stage_go(&p->stage, &p->options);
    stage_run(&p->stage, 100);
    assert_int_equal(p->mute.dials_len, 1);
    mute_post(&p->mute, 0, OD_REPORT_ANSWERED, 200);
    talk_step(p);
}

void talk_key(od_talk *p, char digit)
{
    mute_digit(&p->mute, 0, digit);
    talk_step(p);
}

void talk_keys(od_talk *p, const char *digits)
{
    for (; *digits != '\0'; digits++) {
        talk_key(p, *digits);
    }
}

/* The play that runs has been sent. */
void talk_played(od_talk *p)
{
    mute_played(&p->mute, 0);
    talk_step(p);
}

/* So many plays began, the last of so many prompts. */
void talk_plays(const od_talk *p, size_t count, size_t prompts)
{
    assert_int_equal(p->mute.plays, count);
    assert_int_equal(p->mute.play_len, prompts);
}

void talk_hung_up(const od_talk *p)
{
    assert_int_equal(p->mute.hangups, 1);
}

void talk_end(od_talk *p)
{
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 200);
    talk_step(p);
    assert_int_equal(p->ended, 1);
}

/* n answers, the last of this question, label and digits. */
void talk_answered(const od_talk *p, int64_t n, const char *question,
                     const char *choice, const char *digits)
{
    assert_int_equal(p->answers, n);
    assert_string_equal(p->last.question, question);
    assert_string_equal(p->last.choice, choice);
    assert_string_equal(p->last.digits, digits);
}


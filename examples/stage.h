/*
 * stage.h - a small campaign in virtual time, so that the examples beside it
 * can be about one thing each.
 *
 * Not part of the library. The program is the clock: each step goes straight
 * to the engine's next deadline, so that hours take a moment and every run is
 * the same.
 */
#ifndef STAGE_H
#define STAGE_H

#include <outdial/outdial.h>

#include <stdio.h>
#include <stdlib.h>

static od_engine *engine;
static od_errmsg why; /* as long as there is no engine to ask */
static od_now stage_now = {.mono_ms = 1000, .utc_ms = 1900000000000};

/* End the program if something failed. */
static inline void check(od_err err)
{
    if (err != OD_OK) {
        fprintf(stderr, "%s\n",
                engine != NULL ? od_engine_errmsg(engine) : why.text);
        exit(1);
    }
}

/*
 * Make the engine, which owns both from here on. NULL: a storage in memory, a
 * simulated carrier.
 */
static inline void stage_open(od_storage *storage, od_transport *transport)
{
    if (storage == NULL) {
        check(od_storage_new_memory(&storage, &why));
    }
    if (transport == NULL) {
        check(od_transport_new_sim(&transport, NULL, &why));
    }
    od_engine_options options = {
        .size = sizeof options, .calls_max = 8, .seed = 7};
    check(
        od_engine_new(&engine, &options, storage, transport, &stage_now, &why));
}

/* A fifth of a second of nothing, where a real prompt would be a recording. */
static inline od_id stage_prompt(void)
{
    static const unsigned char wav[44 + 1600] =
        "RIFF\x64\x06\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0"
        "\1\0\x08\0data\x40\x06\0\0";
    od_id prompt = 0;
    check(od_media_add_bytes(engine, "prompt", wav, sizeof wav, &prompt));
    return prompt;
}

/* People who agreed to be asked: rules want that of unknown lines. */
static inline od_id stage_people(int count)
{
    od_id people = 0;
    check(od_group_add(engine, "people", &people));
    for (int i = 0; i < count; i++) {
        char phone[16];
        snprintf(phone, sizeof phone, "+1212555%04d", 2000 + i % 8000);
        od_contact person = {.phone = phone};
        od_consent agreed = {.phone = phone,
                             .how = "they are not real",
                             .obtained_utc_ms = stage_now.utc_ms,
                             .kind = OD_CONSENT_EXPRESS,
                             .purpose = OD_PURPOSE_SURVEY};
        check(od_contact_add(engine, people, &person, NULL));
        check(od_consent_add(engine, &agreed));
    }
    return people;
}

/*
 * Start a campaign: they hear the prompt, then the survey if there is one. A
 * real prompt would say who calls and which key opts out.
 */
static inline od_id stage_campaign(od_id people, od_id prompt, od_id survey)
{
    od_id campaign = 0;
    od_campaign_options options = {.size = sizeof options,
                                   .name = "stage",
                                   .purpose = OD_PURPOSE_SURVEY,
                                   .caller_id = "+1 212 555 0100",
                                   .groups = &people,
                                   .groups_len = 1,
                                   .prompts = &prompt,
                                   .prompts_len = 1,
                                   .identity_prompt = prompt,
                                   .offer_prompt = prompt,
                                   .survey = survey,
                                   /* 9 may be part of an answer. */
                                   .opt_out_key = '*'};
    check(od_campaign_add(engine, &options, &campaign));
    check(od_campaign_start(engine, campaign));
    return campaign;
}

/* One step, and on to the next deadline. */
static inline void stage_turn(void)
{
    od_event event;
    check(od_engine_step(engine, &stage_now));
    while (od_engine_next_event(engine, &event)) {
        /* What they tell is in the store already. */
    }
    int64_t deadline = od_engine_deadline_ms(engine);
    if (deadline > stage_now.mono_ms && deadline != OD_NEVER) {
        stage_now.utc_ms += deadline - stage_now.mono_ms;
        stage_now.mono_ms = deadline;
    }
}

/* Play the campaign to its end. */
static inline void stage_play(od_id campaign)
{
    od_campaign_stats stats;
    do {
        stage_turn();
        check(od_campaign_stats_get(engine, campaign, &stats));
    } while (stats.state == OD_CAMPAIGN_RUNNING);
}

#endif

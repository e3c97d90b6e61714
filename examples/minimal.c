/*
 * minimal.c - call a list of people and play them a message.
 *
 *     minimal people.csv consent.csv hello.wav +12125550100 HOST [PORT]
 *
 * consent.csv says how they agreed to be called; hello.wav says who calls and
 * that key 9 opts out. Everything is kept in minimal.db; remove that to begin
 * anew.
 */
#include <outdial/outdial.h>

#include <stdio.h>
#include <stdlib.h>

static od_engine *engine;
static od_errmsg why; /* as long as there is no engine to ask */

static void check(od_err err)
{
    if (err != OD_OK) {
        fprintf(stderr, "minimal: %s\n",
                engine != NULL ? od_engine_errmsg(engine) : why.text);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: minimal PEOPLE CONSENT PROMPT CALLER-ID HOST "
                        "[PORT]\n");
        return 2;
    }

    /* An engine owns a store and a way to call. */
    od_sip_trunk trunk = {.size = sizeof trunk,
                          .name = "trunk",
                          .host = argv[5],
                          .port = argc > 6 ? atoi(argv[6]) : 0};
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options = {
        .size = sizeof options, .trunks = trunks, .trunks_len = 1};
    od_storage *storage;
    od_transport *sip;
    od_now now;
    od_now_read(&now);
    check(od_storage_open_sqlite(&storage, "minimal.db", &why));
    check(od_transport_new_sip(&sip, &options, &why));
    check(od_engine_new(&engine, NULL, storage, sip, &now, &why));

    /* People. A file of millions is read in slices, one with every wait. */
    od_id people, prompt, import, campaign;
    od_import_options csv = {.size = sizeof csv, .path = argv[1]};
    od_import_report report;
    check(od_group_add(engine, "people", &people));
    check(od_import_start(engine, people, &csv, &import));
    do {
        check(od_engine_wait(engine, 1000));
        check(od_import_report_get(engine, import, &report));
    } while (!report.done);
    check(od_consent_import(engine, argv[2], NULL, NULL));

    /* A campaign: why and who is called, what they see and what they hear. */
    check(od_media_add(engine, "hello", argv[3], &prompt));
    od_campaign_options hello = {.size = sizeof hello,
                                 .name = "Hello",
                                 .purpose = OD_PURPOSE_INFORMATIONAL,
                                 .caller_id = argv[4],
                                 .groups = &people,
                                 .groups_len = 1,
                                 .prompts = &prompt,
                                 .prompts_len = 1,
                                 .identity_prompt = prompt,
                                 .offer_prompt = prompt};
    check(od_campaign_add(engine, &hello, &campaign));
    check(od_campaign_start(engine, campaign));

    /* The library works while it is waited for; events tell what it did. */
    od_campaign_stats stats;
    do {
        od_event event;
        check(od_engine_wait(engine, OD_NEVER));
        while (od_engine_next_event(engine, &event)) {
            if (event.type == OD_EVENT_CALL_ENDED) {
                printf("%s %s\n", event.u.call.phone,
                       od_disposition_name(event.u.call.disposition));
            }
        }
        check(od_campaign_stats_get(engine, campaign, &stats));
    } while (stats.state == OD_CAMPAIGN_RUNNING);

    printf("%lld of %lld answered\n",
           (long long)stats.finished_by[OD_DISPOSITION_ANSWERED],
           (long long)stats.contacts);
    od_engine_free(engine);
    return 0;
}

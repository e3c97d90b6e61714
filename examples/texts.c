/*
 * texts.c - ask by text, and read what comes back.
 *
 * Sends a question to two hundred people of a simulated carrier and prints what
 * became of the texts, what the answers were, and who wants no more of them.
 */
#include "stage.h"

#include <string.h>

/* The format asks for something to play; texts play nothing. */
static const char question[] = "survey Dinner\n"
                               "question coming\n"
                               "  play nothing\n"
                               "  key 1 Yes -> end\n"
                               "  key 2 No -> end\n";

static od_id add_campaign(od_id people, od_id survey)
{
    od_id campaign = 0;
    od_campaign_options options = {
        .size = sizeof options,
        .name = "Dinner",
        .channel = OD_CHANNEL_TEXT,
        .purpose = OD_PURPOSE_SURVEY,
        .caller_id = "+1 212 555 0100",
        .groups = &people,
        .groups_len = 1,
        .survey = survey,
        .text = "Hi {{first_name|there}}, will you come to dinner? 1 yes, 2 no",
        .opt_out_text = "Reply STOP to opt out",
        .confirm_text = "You get no more texts from us.",
        .help_text = "The dinner club: call +1 212 555 0100."};
    check(od_campaign_add(engine, &options, &campaign));
    return campaign;
}

static void print_stats(const od_campaign_stats *stats)
{
    for (int32_t i = 1; i < OD_DELIVERIES; i++) {
        if (stats->delivery_by[i] > 0) {
            printf("%-14s %4lld\n", od_delivery_name(i),
                   (long long)stats->delivery_by[i]);
        }
    }
    printf("segments       %4lld\nreplies        %4lld\nopted out      %4lld\n",
           (long long)stats->segments, (long long)stats->replies,
           (long long)stats->opted_out);
}

int main(void)
{
    /* One in ten cannot be reached. Of the others four in ten write "1.", one
     * in twenty writes "STOP", a minute later. */
    od_sim_options crowd = {
        .size = sizeof crowd,
        .seed = 7,
        .texts = {
            .undelivered = 100, .replies = 400, .opt_outs = 50, .reply = "1."}};
    od_campaign_stats stats;
    od_result answer;
    size_t count = 0;
    od_id survey = 0;
    od_transport *carrier = NULL;
    check(od_transport_new_sim(&carrier, &crowd, &why));
    stage_open(NULL, carrier);

    od_id people = stage_people(200);
    check(od_survey_add(engine, question, strlen(question), &survey));
    od_id campaign = add_campaign(people, survey);
    check(od_campaign_start(engine, campaign));
    stage_play(campaign);

    /* It ends when nothing is left to send again. Replies come when people
     * find the time. */
    int64_t end_utc_ms = stage_now.utc_ms + 300000;
    while (stage_now.utc_ms < end_utc_ms &&
           od_engine_deadline_ms(engine) != OD_NEVER) {
        stage_turn();
    }
    check(od_campaign_stats_get(engine, campaign, &stats));
    print_stats(&stats);
    check(od_results_get(engine, campaign, &answer, 1, &count));
    if (count > 0) {
        printf("%s: %s     %4lld\n", answer.question, answer.choice,
               (long long)answer.count);
    }
    od_engine_free(engine);
    return 0;
}

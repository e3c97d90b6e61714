/*
 * survey.c - ask a question, take a number, count the answers.
 *
 * Rings two hundred people of a simulated carrier and prints what they said.
 */
#include "stage.h"

#include <string.h>

static const char questions[] = "survey Dinner\n"
                                "question coming\n"
                                "  play prompt\n"
                                "  key 1 Yes -> guests\n"
                                "  key 2 No -> end\n"
                                "  key 9 \"Stop calling\" optout\n"
                                "question guests\n"
                                "  play prompt\n"
                                "  digits 1-2\n"
                                "  range 1 12\n"
                                "end prompt\n";

static void print_tallies(od_id campaign)
{
    od_result rows[32];
    size_t count = 0;
    check(od_results_get(engine, campaign, rows, 32, &count));
    for (size_t i = 0; i < count && i < 32; i++) {
        printf("%-8s  %-14s %4lld\n", rows[i].question, rows[i].choice,
               (long long)rows[i].count);
    }
}

int main(void)
{
    /* Half of them answer and press one of four keys after each prompt. */
    od_sim_options crowd = {.size = sizeof crowd,
                            .seed = 7,
                            .model = {.answer = 500,
                                      .busy = 200,
                                      .ring_ms_max = 15000,
                                      .talk_ms_min = 60000,
                                      .talk_ms_max = 60000,
                                      .key_ms = 2000,
                                      .keys = "1129"}};
    od_transport *carrier = NULL;
    check(od_transport_new_sim(&carrier, &crowd, &why));
    stage_open(NULL, carrier);

    od_id people = stage_people(200);
    od_id prompt = stage_prompt();
    od_id survey = 0;
    check(od_survey_add(engine, questions, strlen(questions), &survey));
    od_id campaign = stage_campaign(people, prompt, survey);
    stage_play(campaign);
    print_tallies(campaign);
    od_engine_free(engine);
    return 0;
}

/*
 * lift.c - rules that tests of other things lift; see lift.h.
 */
#include "support/lift.h"

#include "support/test.h"

void od_test_lift(od_engine *engine)
{
    static const char *const rules[] = {
        "us.consent.other", "us.id.start", "us.optout.exempt",
        "us.cap.commercial", "us-ca.consent", "us-me.auto.cap",
        "us.text.other", "us.text.optout"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const od_override lift = {.name = rules[i],
                                  .rule = rules[i],
                                  .reason = "a test of something else",
                                  .who = "tests"};
        od_err err = od_override_add(engine, &lift);
        if (err != OD_OK && err != OD_ERR_EXISTS) {
            fail_msg("lift %s: %s", rules[i], od_engine_errmsg(engine));
        }
    }
}

/*
 * lift.h - for tests of other things than rules: campaigns that may call.
 *
 * An informational campaign to a number of which nothing is known needs
 * consent, identification and an offer to opt out, and three calls a month are
 * the most. Tests of the queue, of calls and of the store are about none of
 * that: they lift these rules, as a host would, and keep the hours.
 */
#ifndef OD_TEST_LIFT_H
#define OD_TEST_LIFT_H

#include <outdial/outdial.h>

/* Lift what asks for evidence of informational campaigns; already lifted ones
 * stay. */
void od_test_lift(od_engine *engine);

#endif

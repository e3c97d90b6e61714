/*
 * live.h - what runs: campaigns, trunks, calls and picks: part of core.h.
 * Texts on their way have slots of calls; what is theirs is in texts.h.
 *
 * State of a dialing engine that is not stored: it is read from the store, or
 * ends as UNKNOWN when the process dies.
 */
#ifndef OD_SRC_LIVE_H
#define OD_SRC_LIVE_H

#include "core/decision.h"
#include "core/script.h"
#include "core/texts.h"

/* == roster.c ============================================================= */

typedef struct od__lane {
    int32_t lane;
    int32_t reserved0;
    int64_t due_next_utc_ms; /* OD_NEVER: nothing is ready in it */
    od__opening opening;
} od__lane;

/* What a guard keeps of an attempt. */
typedef struct od__guard_call {
    uint32_t prefix; /* country and area of the number */
    uint8_t bits;    /* guard.c's */
} od__guard_call;

#define OD__GUARD_SAMPLE_MAX 250

typedef struct od__guard_ring {
    int32_t len;
    od__guard_call calls[OD__GUARD_SAMPLE_MAX];
} od__guard_ring;

/* A campaign that this engine runs, or whose last calls it finishes. */
typedef struct od__active {
    od_campaign_record record;
    od__given given; /* read with the record */
    od__script *script;     /* of calls; NULL: it sends texts */
    od__composer *composer; /* of texts; NULL: it calls */
    od__lane *lanes;
    size_t lanes_len;
    size_t lanes_room;
    size_t lane_turn;    /* where picking begins, so that none starves */
    bool lanes_stale;    /* read them again */
    bool seeks;          /* a next phone may have become ready: look */
    int64_t targets;     /* there were when it looked last */
    bool check_complete; /* something ended: may be none is left */
    bool recounted;      /* the counters know of more than the lanes */
    bool running;        /* calls may begin */
    bool retired;        /* replaced by one with another script; its last calls
                            end with the old one */
    bool guard_tripped;  /* to be paused */
    bool quota_reached;  /* to be completed */
    int64_t quota_given; /* answers that count towards the quota */
    bool untold;         /* its state changed; the event waits for a place */
    int32_t live;        /* calls and texts */
    int64_t served;      /* calls begun, by weight: who has least is next */
    bool wants;          /* calls of it could begin in this step */
    char guard_why[192];
    od__guard_ring guard_attempts;
    od__guard_ring guard_answers; /* of those, the answered ones */
} od__active;

/* Read which campaigns are to run. Called when something may have changed. */
od_err od__roster_refresh(od_engine *engine);
void od__roster_free(od_engine *engine);
od__active *od__roster_find(od_engine *engine, od_id campaign);
/* All lanes are to be read again. */
void od__roster_stale(od_engine *engine);
/* Read lanes where they are stale; look at openings that are over. */
od_err od__roster_lanes(od_engine *engine);
/* Live calls of a campaign. */
int32_t od__roster_live(const od_engine *engine, od_id campaign);
/* The lane of a place, or NULL. */
od__lane *od__roster_lane(od__active *active, int32_t lane);
/* A target that an outcome of the batch makes ready. */
typedef struct od__due {
    od_id campaign;
    int32_t lane;
    int32_t reserved0;
    int64_t utc_ms;
} od__due;

/* A target became ready in this lane. */
void od__roster_due(od_engine *engine, const od__due *due);
/* An answer was given: it may count towards the quota. */
void od__roster_answer(od_engine *engine, od_id campaign, const char *question,
                       const char *choice);
/* Has its end come, or is its quota reached? */
bool od__roster_is_over(const od_engine *engine, const od__active *active);
/* Enrol slices, begin scheduled campaigns, end those that are through. */
od_err od__roster_turn(od_engine *engine);
/* May it be that none is left to call? Then the next turn asks the store. */
bool od__roster_may_end(const od_engine *engine, const od__active *active);
/* Change a state in the store, tell the host, and refresh. OD_ERR_STATE: it is
 * in another by now; OD_ERR_LIMIT: no place for the event. */
od_err od__campaign_move(od_engine *engine, od_id campaign, int32_t from,
                         int32_t to, const char *why);

/* == meter.c ============================================================== */

/* How many may begin. See meter.c. */
typedef struct od__meter {
    int64_t rate_max_milli; /* per 1000 s, as it was given; 0: none at all */
    int64_t room_max_milli; /* live ones, in thousandths; 0: any number */
    int64_t rate_milli;     /* that is taken, as it seems */
    int64_t room_milli;     /* the same of live ones */
    int64_t tokens_micro;   /* 1,000,000 allow one */
    int64_t at_mono_ms;     /* when they were counted */
    int64_t slowed_mono_ms; /* when it was slowed last */
    int64_t held_mono_ms;   /* none before: it was said so; 0: none */
    int32_t live;
    int32_t reserved0;
} od__meter;

void od__meter_init(od__meter *meter, int64_t rate_max_milli, int32_t room_max,
                    int64_t now_ms);
/* Another limit of the rate, > 0. What is slow stays slow. */
void od__meter_limit(od__meter *meter, int64_t rate_max_milli);
/* Count tokens up to now, and grow. */
void od__meter_turn(od__meter *meter, int64_t now_ms);
void od__meter_slow(od__meter *meter, int64_t now_ms);
void od__meter_hold(od__meter *meter, int64_t until_ms);
/* Live ones that there is a place for. */
int64_t od__meter_places(const od__meter *meter);
/* How many may begin now. */
int64_t od__meter_room(const od__meter *meter, int64_t now_ms);
/* When one may begin; OD_NEVER: when another has ended. */
int64_t od__meter_next_ms(const od__meter *meter);
/* A token alone, and back. */
void od__meter_spend(od__meter *meter);
void od__meter_refund(od__meter *meter);
/* With its place; it never left; it ended. */
void od__meter_take(od__meter *meter);
void od__meter_undo(od__meter *meter);
void od__meter_release(od__meter *meter);

/* A caller ID whose texts are limited; see sender.c. */
typedef struct od__sender {
    uint64_t caller_id;
    int32_t per_minute; /* 0: nobody limits it now */
    int32_t reserved0;
    od__meter meter;
} od__sender;

/* == pace.c =============================================================== */

#define OD__CHANNELS 2 /* by od_channel */

typedef struct od__trunk {
    od_trunk_info info;
    bool untold; /* it went up or down; the event waits for a place */
    char text[OD_EVENT_TEXT]; /* why */
    od__meter meters[OD__CHANNELS];
    int64_t second_mono_ms;  /* the second that is counted */
    int32_t second_ended;    /* calls that ended in it */
    int32_t second_unreached; /* of them with 480 */
} od__trunk;

od_err od__pace_init(od_engine *engine);
/* Count tokens up to now; tell what is untold. */
void od__pace_turn(od_engine *engine);
/* A trunk went up or down. */
void od__pace_report(od_engine *engine, const od_report *report);
/* Take a place on a trunk, for a call (0 bytes) or a text of so many; its
 * index, or OD_NONE: none is free. channel: od_channel. */
int32_t od__pace_take(od_engine *engine, int32_t channel, size_t bytes);
/* The longest text that a trunk takes; SIZE_MAX: any, or no trunk is known. */
size_t od__pace_bytes_max(const od_engine *engine);
/* Is a trunk up that takes a text of so many bytes? */
bool od__pace_carries(const od_engine *engine, size_t bytes);
/* How a call or text of the trunk ended: slow down, or go on. */
void od__pace_note(od_engine *engine, int32_t trunk, int32_t channel,
                   const od_report *report);
/* Does the end of a text say that there are too many? */
bool od__pace_is_throttled(const od_report *report);
/* For how long the network asked not to be asked; 0: it did not. */
int64_t od__pace_hold_ms(const od_report *report);
/* It never left: give place and token back. */
void od__pace_undo(od_engine *engine, int32_t trunk, int32_t channel);
void od__pace_release(od_engine *engine, int32_t trunk, int32_t channel);
/* Calls, or texts, that could begin now. */
int32_t od__pace_room(const od_engine *engine, int32_t channel);
/* When a token comes that they may wait for; OD_NEVER: all places are taken. */
int64_t od__pace_next_ms(const od_engine *engine, int32_t channel);

/* == call.c, call_states.c ================================================ */

typedef enum od__call_state {
    OD__CALL_FREE = 0,
    OD__CALL_DIALING,  /* INVITE left, nothing came back */
    OD__CALL_RINGING,  /* the network has it */
    OD__CALL_ANSWERED, /* the script runs */
    OD__CALL_ENDING,   /* we hung up, ENDED is awaited */
    OD__CALL_ENDED     /* its outcome waits to be durable */
} od__call_state;
#define OD__CALL_STATES 6

typedef enum od__call_input {
    OD__IN_PROGRESS = 0,
    OD__IN_RINGING,
    OD__IN_ANSWERED,
    OD__IN_DIGIT,
    OD__IN_PLAY_ENDED,
    OD__IN_ENDED,
    OD__IN_TIMER,  /* ring timeout, script timer */
    OD__IN_EXPIRE, /* longest talk time */
    OD__IN_HANGUP  /* the host, a stop, a DNC entry */
} od__call_input;
#define OD__CALL_INPUTS 9

typedef enum od__call_action {
    OD__DO_NOTHING = 0,
    OD__DO_PROGRESS,
    OD__DO_RING,
    OD__DO_ANSWER,
    OD__DO_DIGIT,
    OD__DO_PLAYED,
    OD__DO_END,
    OD__DO_RING_OUT,
    OD__DO_SCRIPT_TIMER,
    OD__DO_HANGUP
} od__call_action;

typedef struct od__call_cell {
    uint8_t next;   /* od__call_state */
    uint8_t action; /* od__call_action */
} od__call_cell;

od__call_cell od__call_next(od__call_state state, od__call_input input);

/* What follows once the batch is durable. */
typedef enum od__act {
    OD__ACT_NONE = 0,
    OD__ACT_SAY_OPT_OUT, /* play the confirmation, then hang up */
    OD__ACT_FREE         /* the outcome is stored: the slot is free */
} od__act;

typedef struct od__call {
    od__timer timer;  /* ring, pause, script; id is the slot */
    od__timer expiry; /* longest talk time; id is the slot + calls_max */
    uint8_t state;    /* od__call_state */
    uint8_t act;      /* od__act */
    bool reached;     /* the network had it */
    bool ring_out;    /* we gave up ringing */
    bool given_up;    /* we ended it before an answer, on purpose */
    bool dnc;         /* a DNC entry ended it */
    bool rang;        /* the host was told */
    bool survey_done;
    bool opted_out;
    bool machine; /* an answering machine answered */
    bool follows; /* its end may make the contact's next phone ready */
    int32_t channel; /* od_channel: a call, or a text */
    int32_t trunk;
    int32_t attempts; /* of the target, before this one */
    uint64_t tries;   /* the same, by disposition */
    int32_t place;
    int32_t promised; /* events still owed to it */
    od_id attempt;
    od_id contact;
    uint64_t phone;
    od__active *active; /* NULL: a notice, of no campaign that must run */
    int64_t claimed_utc_ms;
    int64_t claimed_mono_ms;
    int64_t answered_utc_ms;
    int64_t answered_mono_ms;
    int32_t ring_timeout_ms;
    int32_t free_next; /* list of free slots */
    char session_id[33];
    char sip_call_id[128];
    od__walk walk;
    od__letter letter; /* of a text */
} od__call;

od_err od__calls_init(od_engine *engine);
void od__calls_free(od_engine *engine);
/* A free slot, or OD_NONE. */
int32_t od__call_take(od_engine *engine);
void od__call_put_back(od_engine *engine, int32_t slot);
/* The claim is durable: tell the host and start to wait. */
void od__call_begin(od_engine *engine, int32_t slot);
/* Dial a slot that has begun. */
void od__call_dial(od_engine *engine, int32_t slot);
/* Give an input to the table and do what it says. */
void od__call_feed(od_engine *engine, int32_t slot, od__call_input input,
                   const od_report *report);
/* Report of the transport, from its step slot. */
void od__call_report(void *engine, const od_report *report);
/* Timers that are due, at most `max`. Returns how many. */
size_t od__calls_expire(od_engine *engine, size_t max);
/* What was to be done once the batch was durable. */
void od__calls_act(od_engine *engine);
/* End calls before an answer whose phone is now on the list. phone 0: ask the
 * store about each. */
od_err od__calls_heed_dnc(od_engine *engine, uint64_t phone);

/* script.c: what the call states ask for */
void od__walk_begin(od_engine *engine, od__call *call, int32_t slot);
void od__walk_digit(od_engine *engine, od__call *call, int32_t slot,
                    char digit);
void od__walk_played(od_engine *engine, od__call *call, int32_t slot,
                     int32_t play);
void od__walk_timer(od_engine *engine, od__call *call, int32_t slot);
/* The opt-out is durable: say so, then hang up. */
void od__walk_say_opt_out(od_engine *engine, od__call *call, int32_t slot);
/* call.c: for the script and for texts */
void od__call_hangup(od_engine *engine, int32_t slot);
void od__call_store_answer(od_engine *engine, int32_t slot,
                           const char *question, const char *digits,
                           const char *choice, int32_t visit);
void od__call_store_opt_out(od_engine *engine, int32_t slot);
/* Once the batch is durable. */
void od__call_act_later(od_engine *engine, int32_t slot, od__act act);
/* An event of a call, from what was promised to it; NULL: none is left. */
od_event *od__call_event(od_engine *engine, od__call *call,
                         od_event_type type);
/* What becomes of the target of an attempt that ended, and of its campaign:
 * policy, the lane it is due in, guards. */
void od__call_propose(od_engine *engine, od__call *call,
                      const od_report *report, od_outcome *outcome);
/* A session id of its own. */
void od__call_draw_session(od_engine *engine, od__call *call);

/* Events that a call may make: dialing, ringing, answered, ended, opt-out. */
#define OD__CALL_EVENTS 5

/* == pick.c =============================================================== */

#define OD__PICK_LANES_MAX 64

typedef struct od__pick {
    od_lane_request lanes[OD__PICK_LANES_MAX];
    od__lane *asked[OD__PICK_LANES_MAX]; /* the roster's, of each request */
    size_t lanes_len;
    int32_t *claims; /* slots that were claimed; claims_max */
    size_t claims_len;
    char payload[OD_RULING_PAYLOAD_MAX + 1];
    bool more;       /* something due was left: the next step goes on */
    bool starved[OD__CHANNELS]; /* something due waits for a token */
    int64_t wait_ms; /* mono: something due that waits for its caller ID, or for
                        a trunk of its own, is looked at again; OD_NEVER */
} od__pick;

/* A step begins: nothing is asked, nothing waits. */
void od__pick_clear(od_engine *engine);
/* Something due waits until then. */
void od__pick_wait(od_engine *engine, int64_t at_mono_ms);

/* Choose the lanes to ask. */
void od__pick_lanes(od_engine *engine);
/* The judge of an exchange; ctx is the engine. */
bool od__pick_judge(void *engine, const od_candidate *candidate, od_id attempt,
                    od_ruling *out);
/* May the contact's next phone be tried in place of one that is blocked? */
bool od__pick_follows(const od_verdict *verdict);
/* The exchange was stored: take over what it says of the lanes, dial. */
void od__pick_done(od_engine *engine);
/* The exchange failed: nothing was claimed. */
void od__pick_undo(od_engine *engine);

#endif

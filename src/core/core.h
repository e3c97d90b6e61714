/*
 * core.h - the folder's table of contents: the engine.
 *
 * engine.c     new, free, stop, the loop's face; what a step does, in order
 * step.c       one step: drain, expire, fill, pick, commit, act, deadline
 * events.c     the queue of events and its promise: none is ever dropped
 * batch.c      what gathers in a step until it is durable
 * roster.c     the campaigns that run: record, prompts, script, lanes
 * places.c     places by id, their zones, and when they are open
 * rules.c      calling rules as rows of data
 * decide.c     may this number be called now? pure; the only place that knows
 * pick.c       which lanes to ask, how many; the judge of an exchange
 * pace.c       limits per trunk: live calls, calls per second
 * retry.c      what becomes of a number after an attempt
 * guard.c      when a campaign is paused for its own good
 * call.c       slots of live calls; reports and timers become inputs
 * call_states.c  the state table of a call
 * script_load.c  prompts and survey of a campaign, compiled
 * script.c     what happens after the answer
 * survey_parse.c  the survey text format
 * survey.c     surveys in the store, answers, results
 * campaign.c   options and life cycle; campaign_states.c is its state table
 * preflight.c  every reason why a campaign could not start
 * import.c     a CSV file becomes contacts; import_columns.c its header
 * contact.c dnc.c assets.c medialib.c calls.c export.c ledger.c stats.c
 *              explain.c  the rest of the public face
 *
 * Knows base, place, media and backend.h. Includes nothing of storage/,
 * transport/, libre or SQLite. Reads no clock, starts no thread.
 */
#ifndef OD_SRC_CORE_H
#define OD_SRC_CORE_H

#include "base/base.h"
#include "media/media.h"
#include "place/place.h"

#include <outdial/backend.h>
#include <outdial/outdial.h>

/* The one call of a storage or transport slot. */
#define OD__STORE(engine, slot) (engine)->storage_ops->slot
#define OD__TRUNKS(engine, slot) (engine)->transport_ops->slot

/* == places.c, rules.c ==================================================== */

/* A calling rule: a window that is always kept to. */
typedef struct od__rule {
    const char *id;
    const char *region; /* "*": every region */
    od_window window;
    const char *citation;
} od__rule;

const od__rule *od__rules(size_t *len);
/* Windows of all rules that apply to a place. Returns how many (<= max). */
size_t od__rules_windows(const od__place *place, od_window *out, size_t max);

/* A place by its id, with zones loaded; kept for the life of the engine. */
typedef struct od__place_entry {
    int32_t id;
    bool zones_known; /* every zone was found */
    od__place place;
    const od__zone *zones[OD__ZONES_MAX];
    char key[OD_PLACE_KEY_MAX + 1];
} od__place_entry;

typedef struct od__places {
    od__zones *zones;
    od__place_entry *rows; /* by id: rows[id - 1] */
    size_t len;
    size_t room;
    uint32_t *index;       /* hash of key -> id, open addressing */
    size_t index_room;
    int32_t by_area[1000]; /* NANP area code alone -> id; 0: not asked yet */
} od__places;

od_err od__places_load(od_engine *engine);
void od__places_free(od_engine *engine);
/* Entry of an id; loads what another process interned. NULL: unknown. */
const od__place_entry *od__places_get(od_engine *engine, int32_t id);
/* Id of the place of a number with what else is known. */
od_err od__places_of(od_engine *engine, uint64_t phone, const char *timezone,
                     const char *state, int32_t *out);
/* Zone files may have changed: look, and take the new ones. */
void od__places_refresh(od_engine *engine);

/* == decide.c ============================================================= */

/* When a place is open for a campaign: the same for all its numbers. */
typedef struct od__opening {
    od_verdict verdict;  /* ALLOW, DEFER until, BLOCK */
    int64_t until_utc_ms; /* when this opening must be looked at again */
} od__opening;

void od__decide_place(const od_campaign_record *campaign,
                      const od__place_entry *place, int64_t utc_ms,
                      od__opening *out);
/* All facts in, one verdict out. `opening` is that of the candidate's place. */
void od__decide(const od_campaign_record *campaign,
                const od_candidate *candidate, const od__opening *opening,
                int64_t utc_ms, od_verdict *out);
/* Windows of the campaign cut to those of the rules; returns how many. */
size_t od__decide_windows(const od_campaign_record *campaign,
                          const od__place *place, od_window *out, size_t max);

/* == script.c, script_load.c, survey_parse.c ============================== */

#define OD__SCRIPT_NODES_MAX (OD_QUESTIONS_MAX + 5)
#define OD__SCRIPT_PROMPTS_MAX 8
#define OD__SCRIPT_VISITS_MAX 64 /* questions asked in one call, ever */
#define OD__DIGITS_MAX 31
#define OD__KEYS "0123456789*#"

/* Where a node leads: an index, or one of these. */
enum {
    OD__GOTO_END = -1,
    OD__GOTO_HANGUP = -2,
    OD__GOTO_OPT_OUT = -3,
    OD__GOTO_NONE = -4
};

typedef struct od__choice {
    char key; /* 0: no more */
    int32_t next;
    char label[64];
} od__choice;

typedef struct od__names {
    int32_t len;
    char names[OD__SCRIPT_PROMPTS_MAX][OD_NAME_MAX + 1];
} od__names;

typedef struct od__question {
    char name[64];
    od__names play;
    od__names invalid;
    od__names silence;
    od__choice choices[12];
    int32_t choices_len;
    int32_t digits_min; /* 0: keys, not digits */
    int32_t digits_max;
    int64_t range_min;
    int64_t range_max;
    bool has_range;
    bool barge_in;
    int32_t tries;
    int32_t timeout_ms;
    int32_t gap_ms;
    int32_t next; /* of a digits question */
    int32_t line; /* of the text, for messages */
} od__question;

/* A survey as parsed. Large: lives on the heap. */
typedef struct od__survey {
    char name[OD_NAME_MAX + 1];
    int32_t questions_len;
    od__names end;
    od__names failed;
    od__question questions[OD_QUESTIONS_MAX];
} od__survey;

/* Names the line, the word and the cure. */
od_err od__survey_parse(const char *text, size_t text_len, od__survey *out,
                        od_errmsg *errmsg);

/* Prompts that are held, in the order they are played. */
typedef struct od__prompts {
    size_t len;
    const od_prompt *items[OD_CAMPAIGN_PROMPTS_MAX + 1];
} od__prompts;

/* A campaign's script: prompts, then questions, then the end. */
typedef struct od__script {
    od_allocator allocator;
    od__prompts intro;
    od__prompts opt_out;
    od__prompts end;
    od__prompts failed;
    char opt_out_key; /* 0: none */
    int32_t questions_len;
    int32_t visits_max; /* questions asked in one call */
    struct {
        od__prompts play;
        od__prompts invalid; /* followed by play */
        od__prompts silence; /* followed by play */
    } sounds[OD_QUESTIONS_MAX];
    od__survey survey;
} od__script;

/* What stands in the way of a script, and what to do about it. */
typedef void (*od__script_problem)(void *ctx, const char *what,
                                   const char *cure);
/*
 * Load prompts and compile; every name is looked up. OD_ERR_NOT_FOUND,
 * OD_ERR_FORMAT, OD_ERR_INVALID, OD_ERR_LIMIT: something cannot be played; the
 * text says what. With `problem` such things are told and left out instead,
 * each once.
 */
od_err od__script_load(od_engine *engine, const od_campaign_record *campaign,
                       od__script_problem problem, void *ctx,
                       od__script **out);
void od__script_free(od__script *script);

/* Where a call stands in its script. */
typedef enum od__script_at {
    OD__AT_WAIT = 0,  /* not begun: the pause after the answer */
    OD__AT_INTRO,
    OD__AT_ASKING,    /* a question's prompts play */
    OD__AT_LISTENING, /* the first digit is waited for */
    OD__AT_DIGITS,    /* further digits are waited for */
    OD__AT_LEAVING    /* last prompts play, then the call is hung up */
} od__script_at;

typedef struct od__walk {
    od__script_at at;
    int32_t question;
    int32_t tries;
    int32_t visits; /* questions begun in this call */
    int32_t play;   /* id of the play that runs */
    uint8_t visits_of[OD_QUESTIONS_MAX];
    char digits[OD__DIGITS_MAX + 1];
} od__walk;

/* == roster.c ============================================================= */

typedef struct od__lane {
    int32_t lane;
    int32_t reserved0;
    int64_t due_next_utc_ms; /* OD_NEVER: nothing is ready in it */
    od__opening opening;
} od__lane;

/* A campaign that this engine runs, or whose last calls it finishes. */
typedef struct od__active {
    od_campaign_record record;
    od__script *script;
    od__lane *lanes;
    size_t lanes_len;
    size_t lanes_room;
    size_t lane_turn;    /* where picking begins, so that none starves */
    bool lanes_stale;    /* read them again */
    bool check_complete; /* something ended: may be none is left */
    bool running;        /* calls may begin */
    bool retired;        /* replaced by one with another script; its last calls
                            end with the old one */
    bool guard_tripped;  /* to be paused */
    bool untold;         /* its state changed; the event waits for a place */
    int32_t live;        /* calls */
    uint64_t guard_bits; /* last attempts, 1: failed */
    int32_t guard_len;
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
/* A target became ready in this lane. */
void od__roster_due(od_engine *engine, od_id campaign, int32_t lane,
                    int64_t due_utc_ms);
/* Enrol slices, begin scheduled campaigns, end those that are through. */
od_err od__roster_turn(od_engine *engine);
/* May it be that none is left to call? Then the next turn asks the store. */
bool od__roster_may_end(const od_engine *engine, const od__active *active);
/* Change a state in the store, tell the host, and refresh. OD_ERR_STATE: it is
 * in another by now; OD_ERR_LIMIT: no place for the event. */
od_err od__campaign_move(od_engine *engine, od_id campaign, int32_t from,
                         int32_t to, const char *why);

/* == campaign_states.c ==================================================== */

typedef enum od__campaign_input {
    OD__CAMPAIGN_START,       /* at once */
    OD__CAMPAIGN_START_LATER, /* at start_utc_ms */
    OD__CAMPAIGN_TIME,        /* start_utc_ms has come */
    OD__CAMPAIGN_PAUSE,
    OD__CAMPAIGN_RESUME,
    OD__CAMPAIGN_STOP,
    OD__CAMPAIGN_FINISH       /* none is left */
} od__campaign_input;
#define OD__CAMPAIGN_INPUTS 7

/* The next state, or OD_NONE: refused. */
int32_t od__campaign_next(int32_t state, od__campaign_input input);

/* == preflight.c ========================================================== */

/* As od_campaign_problems(). */
od_err od__preflight(od_engine *engine, const od_campaign_record *campaign,
                     od_problem *rows, size_t rows_max, size_t *count);

/* == events.c ============================================================= */

/*
 * A ring. Events are written behind `tail`, become visible when the step is
 * durable (`shown`), and are taken at `head`. `promised` places belong to
 * live calls.
 */
typedef struct od__events {
    od_event *rows;
    uint64_t head;
    uint64_t shown;
    uint64_t tail;
    uint64_t promised;
    uint64_t room;
    bool has_fault;
    od_event fault;
} od__events;

/* Keep places for a call; false: no room, the call may not begin. */
bool od__events_promise(od_engine *engine, int32_t places);
void od__events_release(od_engine *engine, int32_t places);
/* Room for one event that no call was promised? */
bool od__events_has_room(const od_engine *engine);
/* A zeroed event with type and time. From a promise, or after has_room. */
od_event *od__events_put(od_engine *engine, od_event_type type);
void od__events_show(od_engine *engine);

/* == batch.c ============================================================== */

#define OD__BATCH_ROWS 512
#define OD__PAYLOAD_SIZE 1024

/* Ledger rows of one kind, side by side with the rows they record. */
typedef struct od__pages {
    od_ledger_entry entries[OD__BATCH_ROWS];
    char payloads[OD__BATCH_ROWS][OD__PAYLOAD_SIZE];
} od__pages;

/* What happened and is not durable yet. Kept when a commit fails. */
typedef struct od__batch {
    size_t answered_len;
    size_t answers_len;
    size_t outcomes_len;
    size_t dnc_len;
    od_answered answered[OD__BATCH_ROWS];
    od_answer_record answers[OD__BATCH_ROWS];
    char answer_digits[OD__BATCH_ROWS][OD__DIGITS_MAX + 1];
    od_outcome outcomes[OD__BATCH_ROWS];
    od_dnc_record dnc[OD__BATCH_ROWS];
    od__pages dnc_pages;
    od__pages answers_pages;
    od__pages outcomes_pages;
    od_ledger_entry ledger[3 * OD__BATCH_ROWS]; /* all, as an exchange wants */
    /* What is done once it is durable. */
    size_t acts_len;
    uint32_t acts[OD__BATCH_ROWS]; /* slots */
} od__batch;

/* Inputs (reports, timers) that the batch can still take. Each adds at most
 * one row of each kind. */
size_t od__batch_room(const od__batch *batch);
bool od__batch_is_empty(const od__batch *batch);
void od__batch_clear(od__batch *batch);
/* The batch as an exchange, without lanes. */
void od__batch_exchange(od__batch *batch, int64_t utc_ms, od_exchange *out);

/* == ledger.c ============================================================= */

/* Begin an entry: time, subject, salt. The payload is written by the caller. */
void od__ledger_entry(od_engine *engine, od_ledger_entry *entry, int32_t kind,
                      od_id subject, const char *payload);
/* Begin the ledger row of the DNC entry, answer or outcome that was put into
 * the batch last; the writer writes its payload. */
void od__ledger_row(od_engine *engine, int32_t kind, od_id subject,
                    od__writer *payload);
/* Payload of a DNC change. */
void od__ledger_dnc(const od_dnc_record *row, od__writer *payload);

/* == pace.c =============================================================== */

typedef struct od__trunk {
    od_trunk_info info;
    bool untold; /* it went up or down; the event waits for a place */
    char text[OD_EVENT_TEXT]; /* why */
    int32_t live;
    int64_t tokens_milli; /* 1000 allow one call */
    int64_t at_mono_ms;   /* when they were counted */
} od__trunk;

od_err od__pace_init(od_engine *engine);
/* Count tokens up to now; tell what is untold. */
void od__pace_turn(od_engine *engine);
/* A trunk went up or down. */
void od__pace_report(od_engine *engine, const od_report *report);
/* Take a place on a trunk; its index, or OD_NONE: none is free. */
int32_t od__pace_take(od_engine *engine);
/* The call never left: give place and token back. */
void od__pace_undo(od_engine *engine, int32_t trunk);
void od__pace_release(od_engine *engine, int32_t trunk);
/* Calls that could begin now. */
int32_t od__pace_room(const od_engine *engine);
/* When a token comes that calls may wait for; OD_NEVER: channels are full. */
int64_t od__pace_next_ms(const od_engine *engine);

/* == retry.c, guard.c ===================================================== */

/* Fill target_state, reason, due and the marks of an outcome from its
 * disposition. `attempts` counted before this one. */
void od__retry(const od_campaign_record *campaign, int32_t attempts,
               int64_t utc_ms, od_outcome *outcome);
/* Note an outcome; true: too many failed, pause the campaign. */
bool od__guard_note(od__active *active, int32_t disposition);

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
    int32_t trunk;
    int32_t attempts; /* of the target, before this one */
    int32_t place;
    int32_t promised; /* events still owed to it */
    od_id attempt;
    od_id contact;
    uint64_t phone;
    od__active *active;
    int64_t claimed_utc_ms;
    int64_t claimed_mono_ms;
    int64_t answered_utc_ms;
    int64_t answered_mono_ms;
    int32_t ring_timeout_ms;
    int32_t free_next; /* list of free slots */
    char session_id[33];
    char sip_call_id[128];
    od__walk walk;
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
/* call.c: for the script */
void od__call_hangup(od_engine *engine, int32_t slot);
void od__call_store_answer(od_engine *engine, int32_t slot,
                           const char *question, const char *digits,
                           const char *choice, int32_t visit);
void od__call_store_opt_out(od_engine *engine, int32_t slot);

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
    bool starved;    /* something due waits for a token */
} od__pick;

/* Choose the lanes to ask. */
void od__pick_lanes(od_engine *engine);
/* The judge of an exchange; ctx is the engine. */
bool od__pick_judge(void *engine, const od_candidate *candidate, od_id attempt,
                    od_ruling *out);
/* The exchange was stored: take over what it says of the lanes, dial. */
void od__pick_done(od_engine *engine);
/* The exchange failed: nothing was claimed. */
void od__pick_undo(od_engine *engine);

/* == import_columns.c ===================================================== */

#define OD__COLUMNS_MAX 512

/* What the header of a CSV file said. */
typedef struct od__columns {
    size_t len;
    uint8_t kinds[OD__COLUMNS_MAX];
    const char *names[OD__COLUMNS_MAX]; /* custom ones; NULL: not kept */
    od__arena texts;
} od__columns;

/* Is this the header of a column, in any case, guarded or between blanks? */
bool od__column_is(const char *cell, const char *name);
/* Has a column of this name its own meaning? */
bool od__column_is_known(const char *name);
/* Read the header. OD_ERR_FORMAT: no phone, a column twice, a bad name. */
od_err od__columns_take(od_engine *engine, od__columns *columns,
                        const od__csv_record *record);
/*
 * Cells into a contact; its texts still belong to the record. Blanks inside
 * quotes are kept where they may be meant, so that an export comes back as it
 * was. false: more custom fields than a contact has.
 */
bool od__columns_spread(const od__columns *columns, od__csv_record *record,
                        od_contact *contact, od_field fields[OD_FIELDS_MAX]);
void od__columns_free(od__columns *columns);

/* == import.c ============================================================= */

typedef struct od__import od__import;

/* A slice of the import that runs. */
void od__import_turn(od_engine *engine);
bool od__import_is_running(const od_engine *engine);
/* Has it something to do, other than to wait for a place for its event? */
bool od__import_is_due(const od_engine *engine);
void od__import_free(od_engine *engine);

/* == calls.c ============================================================== */

/* Check a filter and read its phone (0: any). */
od_err od__filter_take(od_engine *engine, const od_call_filter *filter,
                       od_call_filter *out, uint64_t *phone);
void od__call_tell(od_engine *engine, const od_attempt_record *record,
                   od_call *out);

/* == assets.c: named bytes that never change ============================== */

/* The same bytes under the same name are found, not added. */
od_err od__asset_add(od_engine *engine, const od_asset_record *record,
                     od_id *out);
/* With its bytes; `out_arg` is the public output, checked for NULL. Enters. */
od_err od__asset_get(od_engine *engine, int32_t kind, od_id id,
                     const void *out_arg, od_asset_record *out);
/* `name` and `out` are checked. */
od_err od__asset_find(od_engine *engine, int32_t kind, const char *name,
                      od_id *out);
/* OD_ERR_STATE if it is used. Enters. */
od_err od__asset_remove(od_engine *engine, int32_t kind, od_id id);

/* == contact.c ============================================================ */

/* Check a contact and find its phone and place. `country` NULL: the engine's.
 * The text of a failure names the field and the value. */
od_err od__contact_check(od_engine *engine, const od_contact *contact,
                         const char *country, od_member_row *out);

/* == the engine =========================================================== */

/* Size of od_engine_options in the first version. */
#define OD__ENGINE_OPTIONS_SIZE_MIN sizeof(od_engine_options)

struct od_engine {
    od_engine_options options; /* defaults filled in */
    od_allocator allocator;
    char country[3];
    char owner[128];
    od_storage *storage;
    const od_storage_ops *storage_ops;
    void *store;
    od_transport *transport; /* NULL: manage only */
    const od_transport_ops *transport_ops;
    void *carrier;
    od_sink *sink;
    od__wake wake;
    od_now now;
    od_errmsg errmsg;
    od__rand rand;
    od__arena arena; /* texts given out by the last call */
    od__places places;
    od__events events;
    od__batch *batch;
    od__pick pick;
    od__call *calls;
    int32_t calls_free; /* first free slot, or OD_NONE */
    size_t calls_live;
    od__heap timers;
    od__trunk trunks[OD_TRUNKS_MAX];
    int32_t trunks_len;
    od__active **active; /* campaigns_max */
    size_t active_len;
    size_t active_turn;
    od__import *import;
    od_id import_id;
    int64_t epoch;
    int64_t poll_at_ms;      /* mono: look for changes of others */
    int64_t lease_at_ms;     /* mono: refresh the lease */
    int64_t maintain_at_ms;  /* mono */
    int64_t zones_at_ms;     /* mono: look for new zone data */
    int64_t scheduled_utc_ms; /* earliest scheduled start; OD_NEVER */
    int64_t deadline_ms;
    int64_t retry_at_ms;     /* mono: after a failure of the store; 0: none */
    bool faulty;             /* the store failed and the host was told */
    bool stopping;
    bool roster_stale;
    bool events_short; /* a call waits for the host to read events */
};

/* A failure of the engine, with its text. */
#define od__engine_fail(engine, ...) od__fail(&(engine)->errmsg, __VA_ARGS__)
/* A failure of the storage: take its text over. */
od_err od__store_err(od_engine *engine, od_err err);
/* A fresh text and arena at the head of every public function. */
void od__engine_enter(od_engine *engine);
/* A name's form: UTF-8, 1 to OD_NAME_MAX bytes, no control characters. */
od_err od__name_check(od_engine *engine, const char *name, const char *what);
/* A phone in any format: OD_ERR_INVALID with the reason. */
od_err od__phone_check(od_engine *engine, const char *text,
                       const char *country, uint64_t *out);
/* Text of a number that lives until the next call. */
const char *od__phone_keep(od_engine *engine, uint64_t phone);

/* Engine, cursor, rows and count of a list: as od_calls_list(). */
od_err od__list_check(od_engine *engine, od_id after_id, const void *rows,
                      size_t rows_max, const size_t *count);
/* A group. OD_ERR_NOT_FOUND. */
od_err od__group_read(od_engine *engine, od_id id, od_group *out);
/* A campaign's record, in the arena. OD_ERR_NOT_FOUND. */
od_err od__campaign_read(od_engine *engine, od_id campaign,
                         od_campaign_record **out);

od_err od__step(od_engine *engine);
/* Something changed by a management call: look at it in the next step. */
void od__engine_changed(od_engine *engine);

#endif

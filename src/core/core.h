/*
 * core.h - the folder's table of contents: the engine.
 *
 * README.md has a line for each file; by what they are about:
 *
 * the step      engine.c step.c events.c batch.c
 * the decision  decide.c is pure and the only place that knows the checks;
 *               decide_place.c places.c law.c require.c registries.c
 * what runs     roster.c pick.c pace.c sender.c meter.c retry.c guard.c
 * a call        call.c, by the table of call_states.c; script.c script_load.c
 * a text        compose.c texts.c
 * what is back  inbox.c receipts.c replies.c text_survey.c notice.c messages.c
 * campaigns     campaign.c campaign_options.c campaign_life.c, by the table of
 *               campaign_states.c; preflight.c preflight_places.c explain.c
 *               histogram.c stats.c calls.c
 * a forecast    forecast.c forecast_*.c, with forecast.h
 * people, lists contact.c group.c dnc.c consent.c person.c import*.c
 *               list_import.c dnc_import.c consent_import.c rejects.c export.c
 * of the host   assets.c medialib.c survey.c survey_parse.c template.c
 *               caller_ids.c rules.c
 * the ledger    ledger.c ledger_*.c payload.c id_map.c
 * shared        check.c names.c times.c
 *
 * decision.h, lists.h, ledger.h, script.h, live.h, texts.h and inbox.h are parts
 * of this header.
 *
 * Knows base, place, rules, registry, media, text and backend.h. Includes
 * nothing of storage/, transport/, libre or SQLite. Reads no clock, starts no
 * thread.
 */
#ifndef OD_SRC_CORE_H
#define OD_SRC_CORE_H

#include "base/base.h"
#include "media/media.h"
#include "place/place.h"

#include <outdial/backend.h>
#include <outdial/outdial.h>

#include "core/decision.h"
#include "core/inbox.h"
#include "core/ledger.h"
#include "core/lists.h"
#include "core/live.h"
#include "core/script.h"
#include "core/texts.h"

/* The one call of a storage or transport slot. */
#define OD__STORE(engine, slot) (engine)->storage_ops->slot
#define OD__TRUNKS(engine, slot) (engine)->transport_ops->slot

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

/* == preflight.c, preflight_places.c, preflight_texts.c =================== */

#define OD__FINDINGS_MAX 256

typedef struct od__findings {
    size_t len;    /* also beyond the rows */
    size_t errors; /* of them */
    od_problem rows[OD__FINDINGS_MAX];
} od__findings;

void od__found(od__findings *f, int32_t severity, const char *rule,
               int64_t count, const char *cure, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* What the places of the members ask of a campaign. */
od_err od__preflight_places(od_engine *engine,
                            const od_campaign_record *campaign,
                            od__findings *f);

/* What is wrong with its texts; `composes`: those of all contacts, too. */
od_err od__preflight_texts(od_engine *engine,
                           const od_campaign_record *campaign, bool composes,
                           od__findings *f);

/* As od_campaign_problems(), `composes` as od__preflight_texts(); *errors: those
 * of *count that forbid a start. */
od_err od__preflight(od_engine *engine, const od_campaign_record *campaign,
                     bool composes, od_problem *rows, size_t rows_max,
                     size_t *count, size_t *errors);

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
#define OD__NETWORK_ID_SIZE 128

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
    size_t releases_len;
    size_t receipts_len;
    size_t replies_len;
    size_t dues_len;
    od__due dues[2 * OD__BATCH_ROWS]; /* of outcomes and of receipts */
    od_answered answered[OD__BATCH_ROWS];
    od_answer_record answers[OD__BATCH_ROWS];
    char answer_digits[OD__BATCH_ROWS][OD__DIGITS_MAX + 1];
    od_outcome outcomes[OD__BATCH_ROWS];
    /* By outcome: what the network gave a text. */
    od_sent sents[OD__BATCH_ROWS];
    const char *network_ids_at[OD__BATCH_ROWS][OD_SEGMENTS_MAX];
    char network_ids[OD__BATCH_ROWS][OD_SEGMENTS_MAX][OD__NETWORK_ID_SIZE];
    od_dnc_record dnc[OD__BATCH_ROWS];
    od_release releases[OD__BATCH_ROWS];
    od_receipt_record receipts[OD__BATCH_ROWS];
    od_reply_record replies[OD__BATCH_ROWS]; /* texts are the inbox's */
    od__pages dnc_pages;
    od__pages answers_pages;
    od__pages outcomes_pages;
    od__pages releases_pages;
    od__pages receipts_pages;
    od__pages replies_pages;
    od_ledger_entry ledger[6 * OD__BATCH_ROWS]; /* all, as an exchange wants */
    /* What is done once it is durable. */
    size_t acts_len;
    uint32_t acts[OD__BATCH_ROWS]; /* slots */
} od__batch;

/* Inputs (reports, timers, what came back) that the batch can still take. Each
 * adds at most one row of each kind. */
size_t od__batch_room(const od__batch *batch);
bool od__batch_is_empty(const od__batch *batch);
void od__batch_clear(od__batch *batch);
/* The batch as an exchange, without lanes. */
void od__batch_exchange(od__batch *batch, int64_t utc_ms, od_exchange *out);

/* == ledger.c ============================================================= */

/* Begin an entry: time, subject, salt. The payload is written by the caller. */
void od__ledger_entry(od_engine *engine, od_ledger_entry *entry, int32_t kind,
                      od_id subject, const char *payload);
/* Begin the ledger row of what was put into the batch last: of the DNC entry,
 * answer, release (OD_LEDGER_DNC_REMOVE), receipt, reply or outcome, as `kind`
 * says. The writer writes its payload. */
void od__ledger_row(od_engine *engine, int32_t kind, od_id subject,
                    od__writer *payload);
/* Payload of a DNC change. */
void od__ledger_dnc(const od_dnc_record *row, od__writer *payload);

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

/* == export.c ============================================================= */

/* Begin a file with its header, whose row is still open; `names` ends with
 * NULL. Enters. */
od_err od__export_begin(od_engine *engine, const char *path,
                        const char *const *names, od__csv_out **out);
/* Put it into its place, or leave no file after a failure. */
od_err od__export_end(od_engine *engine, od__csv_out *csv, od_err err);
/* A stored time as "2027-03-14T15:09:26Z"; "" for 0. */
void od__export_time(od__csv_out *csv, int64_t utc_ms);

/* == assets.c: named bytes that never change ============================== */

/* The same bytes under the same name are found, not added. */
od_err od__asset_add(od_engine *engine, const od_asset_record *record,
                     od_id *out);
/* With its bytes; `out_arg` is the public output, checked for NULL. Enters. */
od_err od__asset_get(od_engine *engine, int32_t kind, od_id id,
                     const void *out_arg, od_asset_record *out);
/* A page of them without bytes, in the arena. */
od_err od__assets_read(od_engine *engine, int32_t kind, od_id after,
                       size_t rows_max, od_asset_record **rows, size_t *count);
/* `name` and `out` are checked. */
od_err od__asset_find(od_engine *engine, int32_t kind, const char *name,
                      od_id *out);
/* OD_ERR_STATE if it is used. Enters. */
od_err od__asset_remove(od_engine *engine, int32_t kind, od_id id);
/* Whether it is used or not. */
od_err od__asset_drop(od_engine *engine, int32_t kind, od_id id);

/* == caller_ids.c ========================================================= */

/* Is there proof that the number may be shown? */
od_err od__caller_id_is_listed(od_engine *engine, uint64_t phone, bool *out);

/* == contact.c ============================================================ */

/* Check a contact and find its phone and place. `country` NULL: the engine's.
 * The text of a failure names the field and the value. */
od_err od__contact_check(od_engine *engine, const od_contact *contact,
                         const char *country, od_member_row *out);
/* Text of a further phone; "" of 0. */
void od__phone_more_text(uint64_t phone, char out[OD_PHONE_MAX + 1]);

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
    od__law law;
    od__registries *registries; /* NULL: none in use */
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
    od__sender *senders; /* 2 * campaigns_max */
    size_t senders_len;
    od__active **active; /* campaigns_max */
    size_t active_len;
    od__inbox *inbox; /* NULL: manage only */
    od__import *import;
    od_id import_id;
    int64_t epoch;
    int64_t poll_at_ms;      /* mono: look for changes of others */
    int64_t lease_at_ms;     /* mono: refresh the lease */
    int64_t maintain_at_ms;  /* mono */
    int64_t zones_at_ms;     /* mono: look for new zone data */
    int64_t registries_at_ms; /* mono: look for swapped registry files */
    int64_t scheduled_utc_ms; /* earliest scheduled start; OD_NEVER */
    int64_t deadline_ms;
    int64_t retry_at_ms;     /* mono: after a failure of the store; 0: none */
    bool faulty;             /* the store failed and the host was told */
    bool stopping;
    bool roster_stale;
    bool left_out;     /* a running campaign found no place in the roster */
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
/* A text of at most `max` bytes of UTF-8; NULL gives "". OD_ERR_INVALID names
 * it. */
od_err od__text_check(od_engine *engine, const char *text, const char *name,
                      size_t max, const char **out);
/* The same of several; stops at the first that is not one. */
typedef struct od__text {
    const char *text;
    const char **out;
    const char *name;
    size_t max;
} od__text;

od_err od__texts_check(od_engine *engine, const od__text *texts, size_t len);
/* Text of a number that lives until the next call. */
const char *od__phone_keep(od_engine *engine, uint64_t phone);

/* Engine, cursor, rows and count of a list: as od_calls_list(). */
od_err od__list_check(od_engine *engine, od_id after_id, const void *rows,
                      size_t rows_max, const size_t *count);
/* What an import reads, and where its rejected rows go (may be NULL): two
 * files. OD_ERR_INVALID. */
od_err od__import_paths_check(od_engine *engine, const char *path,
                              const char *reject_path);
/* A group. OD_ERR_NOT_FOUND. */
od_err od__group_read(od_engine *engine, od_id id, od_group *out);
/* Options of any version into a record with every default filled in. */
od_err od__campaign_take(od_engine *engine, const od_campaign_options *options,
                         od_campaign_record *out);
/* The same as a JSON object, for the ledger. */
void od__campaign_write(const od_campaign_record *record, od__writer *w);
/* A campaign's record, in the arena. OD_ERR_NOT_FOUND. */
od_err od__campaign_read(od_engine *engine, od_id campaign,
                         od_campaign_record **out);

od_err od__step(od_engine *engine);
/* Something changed by a management call: look at it in the next step. */
void od__engine_changed(od_engine *engine);

#endif

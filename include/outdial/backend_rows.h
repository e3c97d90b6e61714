/*
 * backend_rows.h - what crosses between the engine and a storage: people,
 * lists, campaigns, assets: part of backend.h.
 *
 * Rows only; those of the dial queue are in backend_queue.h, the slots that
 * take and give them in backend_storage.h.
 */
#ifndef OUTDIAL_BACKEND_ROWS_H
#define OUTDIAL_BACKEND_ROWS_H

#include <outdial/campaign.h>
#include <outdial/consent.h>
#include <outdial/contact.h>
#include <outdial/delivery.h>
#include <outdial/dnc.h>
#include <outdial/engine.h>
#include <outdial/ledger.h>
#include <outdial/media.h>
#include <outdial/survey.h>

OD_BEGIN_DECLS

/* A ledger row that is still without number and hash. */
typedef struct od_ledger_entry {
    int64_t utc_ms;
    od_id subject;
    int32_t kind; /* od_ledger_kind */
    int32_t reserved0;
    const char *payload; /* JSON object, NUL-terminated */
    uint8_t salt[16];
} od_ledger_entry;

/*
 * Hash of the row that follows `previous` (32 zero bytes for the first) under
 * number `seq`. A storage calls it for every entry it appends. Pure; any
 * thread; does nothing without its arguments. SHA-256 over 96 bytes: previous
 * hash (32), then seq, utc_ms, kind and subject as little-endian integers of
 * 64 bits, then the SHA-256 of the salt followed by the payload without its
 * NUL.
 */
OD_API void od_ledger_seal(const uint8_t previous[32], int64_t seq,
                           const od_ledger_entry *entry, uint8_t out[32]);

/*
 * The same in two steps, for rows whose payload was erased: the SHA-256 of salt
 * and payload, which is kept for ever, and the hash that covers it. Pure; any
 * thread; do nothing without their arguments.
 */
OD_API void od_ledger_digest(const od_ledger_entry *entry, uint8_t out[32]);
OD_API void od_ledger_seal_digest(const uint8_t previous[32], int64_t seq,
                                  int64_t utc_ms, int32_t kind, od_id subject,
                                  const uint8_t digest[32], uint8_t out[32]);

/* Phones of a contact beyond its first. */
#define OD_PHONES_MORE 2

/* A contact on its way into a group. Phones that are not 0 differ. */
typedef struct od_member_row {
    uint64_t phone;
    int32_t place; /* from place_put */
    int32_t reserved0;
    od_contact contact; /* id, phone, phone2 and phone3 are ignored */
    uint64_t phones[OD_PHONES_MORE]; /* phone2 and phone3; 0: none */
    int32_t places[OD_PHONES_MORE];
} od_member_row;

typedef enum od_member_result {
    OD_MEMBER_ADDED = 1,
    OD_MEMBER_UPDATED = 2,       /* was there, replaced as asked */
    OD_MEMBER_SAME_IMPORT = 3,   /* was put there by this import (> 0); kept */
    OD_MEMBER_PRESENT = 4        /* was there before; kept */
} od_member_result;

/* One slice of an import, or one contact. */
typedef struct od_member_batch {
    od_id group;
    int64_t import;    /* token of the import, > 0; 0 for a single contact */
    int64_t utc_ms;    /* due time of targets that are enrolled */
    bool update;       /* replace what is there. A row put there by this very
                          import is replaced as well and reported as UPDATED */
    const od_member_row *rows; /* sorted by phone; a phone may repeat, then
                                  the rows count in their order */
    size_t rows_len;
    od_member_result *results; /* rows_len; out */
    od_id *ids;                /* rows_len; out: contact ids; may be NULL */
} od_member_batch;

/* A stored contact. The phones of contact are text with '+'; "" of a further
 * one that it has not. */
typedef struct od_contact_record {
    uint64_t phone;
    int32_t place;
    int32_t reserved0;
    od_contact contact;
    uint64_t phones[OD_PHONES_MORE];
    int32_t places[OD_PHONES_MORE];
} od_contact_record;

typedef struct od_dnc_record {
    od_id id;
    uint64_t phone;  /* with prefix: the leading digits, 1 to 14 of them */
    int32_t scope; /* od_dnc_scope */
    bool prefix;   /* every number that begins with these digits */
    od_id campaign;
    od_id attempt; /* in which call; 0 if in none */
    const char *reason;
    const char *source;
    int64_t added_utc_ms;
    int64_t expires_utc_ms; /* forbids before that instant; 0: for ever */
} od_dnc_record;

/* Evidence of consent or of a business relationship; texts as in od_consent,
 * never NULL. */
typedef struct od_consent_record {
    od_id id;
    uint64_t phone;
    int32_t kind;    /* od_consent_kind */
    int32_t purpose; /* od_purpose; 0 for PURCHASE and INQUIRY */
    int64_t obtained_utc_ms;
    int64_t added_utc_ms;
    int64_t revoked_utc_ms; /* 0: in force */
    const char *seller;
    const char *how;
    const char *text;
    const char *reference;
    const char *who;
    uint8_t sha256[32];
} od_consent_record;

/* What consents in force say of a phone for one seller, told apart byte by
 * byte. A kind or purpose outside the enums says nothing. */
typedef struct od_consents {
    uint32_t express;         /* bits 1 << od_purpose, of EXPRESS rows alone */
    uint32_t written;         /* bits 1 << od_purpose */
    int64_t purchased_utc_ms; /* latest obtained_utc_ms of PURCHASE; 0: none */
    int64_t inquired_utc_ms;  /* of an INQUIRY */
} od_consents;

/* A campaign as stored: od_campaign_options with defaults filled in. */
typedef struct od_campaign_record {
    od_id id;
    int32_t state;              /* od_campaign_state; put ignores it */
    char name[OD_NAME_MAX + 1]; /* unique */
    char state_text[256];       /* why; put ignores it */
    uint64_t caller_id;         /* 0: none; below a million: a short code */
    int64_t start_utc_ms;
    int64_t started_utc_ms;     /* when it last began to run; put ignores it */
    bool filled;                /* all members are enrolled; put ignores it */
    int32_t channel;
    int32_t attempts_max;
    int32_t concurrent_max;
    int32_t recall;
    int32_t redial_unknown;
    int32_t retry_delay_s;
    int32_t ring_timeout_ms;
    int32_t skip_answered_h;
    int32_t skip_called_h;
    int32_t opt_out_key;
    int32_t fail_stop_pct;
    int32_t purpose;
    int32_t retry_unfinished;
    int32_t spread_dayparts;
    int32_t priority;
    int32_t weight;
    int32_t quota_answers;
    od_guards guards;
    od_retry retries[OD_RETRIES];
    char seller[OD_NAME_MAX + 1];
    char quota_question[64];
    char quota_choice[64];
    int64_t end_utc_ms;
    od_id identity_prompt;
    od_id offer_prompt;
    od_id survey;
    od_id opt_out_prompt;
    int32_t groups_len;
    int32_t prompts_len;
    int32_t windows_len;
    int32_t reserved0;
    od_id groups[OD_CAMPAIGN_GROUPS_MAX];
    od_id prompts[OD_CAMPAIGN_PROMPTS_MAX];
    od_window windows[OD_WINDOWS_MAX];
    int32_t text_policy;
    int32_t segments_max;
    int32_t transliterate;
    int32_t validity_s;
    int32_t texts_per_minute_max;
    int32_t reserved1;
    char text[OD_MESSAGE_MAX + 1];
    char opt_out_text[OD_NOTICE_MAX + 1];
    char confirm_text[OD_NOTICE_MAX + 1];
    char help_text[OD_NOTICE_MAX + 1];
} od_campaign_record;

/* Named bytes that never change. */
typedef enum od_asset_kind {
    OD_ASSET_MEDIA = 1,
    OD_ASSET_SURVEY = 2,
    OD_ASSET_RULES = 3,     /* a set of rules of the host */
    OD_ASSET_OVERRIDE = 4,  /* a rule that is lifted */
    OD_ASSET_CALLER_ID = 5  /* a number that may be shown */
} od_asset_kind;

/* Members of a group in one place. */
typedef struct od_place_count {
    int32_t place;
    int32_t reserved0;
    int64_t members; /* > 0 */
} od_place_count;

/* Erase a person; see od_person_erase(). */
typedef struct od_erase {
    uint64_t phone;
    int64_t before_utc_ms;  /* attempts that ended before are made nameless */
    const int64_t *seqs;    /* ledger rows whose payload is dropped, ascending;
                               rows that are not there are passed over */
    size_t seqs_len;
    int64_t contacts;       /* out: contacts that were removed */
    int64_t calls;          /* out: attempts that were made nameless */
} od_erase;

typedef struct od_asset_record {
    od_id id;
    int32_t kind; /* od_asset_kind */
    int32_t measure; /* media: duration in ms; survey: questions */
    char name[OD_NAME_MAX + 1]; /* unique within the kind */
    uint8_t sha256[32];
    const void *bytes; /* NULL out of asset_scan */
    size_t bytes_len;
} od_asset_record;

/* Longest text of a place, in bytes before the NUL. */
#define OD_PLACE_KEY_MAX 735

typedef struct od_place_record {
    int32_t place;   /* 1 and up */
    int32_t reserved0;
    char key[OD_PLACE_KEY_MAX + 1]; /* text that the engine makes and reads;
                                       unique */
} od_place_record;

OD_END_DECLS

#endif

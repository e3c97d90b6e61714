/*
 * consent.c - evidence that people agreed to be called: single rows.
 *
 * The ledger row of a piece of evidence carries what the person was shown as
 * long as it fits, and its hash always: 16 CFR 310.5(a)(8) wants the request
 * for consent kept as it was shown, and a ledger that was handed over must
 * prove it without the database. What is longer stays in the store alone, and
 * the hash tells whether it is still the same.
 */
#include "core/core.h"

/* 1990-01-01: nobody called by this library agreed to it before. */
#define OBTAINED_MIN 631152000000

static bool needs_purpose(int32_t kind)
{
    return kind == OD_CONSENT_EXPRESS || kind == OD_CONSENT_WRITTEN;
}

static od_err check_kind(od_engine *engine, const od_consent *consent)
{
    if (consent->kind <= 0 || consent->kind >= OD_CONSENT_KINDS) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "kind %d is not known: use one of "
                               "od_consent_kind",
                               (int)consent->kind);
    }
    if (!needs_purpose(consent->kind)) {
        return OD_OK;
    }
    if (consent->purpose == OD_PURPOSE_UNSTATED) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "purpose is missing: consent of kind \"%s\" is "
                               "given for one",
                               od_consent_kind_name(consent->kind));
    }
    if (consent->purpose < 0 || consent->purpose >= OD_PURPOSES) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "purpose %d is not known: use one of od_purpose",
                               (int)consent->purpose);
    }
    return OD_OK;
}

static od_err check_time(od_engine *engine, int64_t obtained_utc_ms)
{
    char text[OD__TIME_SIZE];
    if (obtained_utc_ms >= OBTAINED_MIN &&
        obtained_utc_ms <= engine->now.utc_ms) {
        return OD_OK;
    }
    od__time_text(obtained_utc_ms, text);
    return od__engine_fail(
        engine, OD_ERR_INVALID,
        "obtained %s is %s: use the time when the person "
        "agreed",
        text, obtained_utc_ms < OBTAINED_MIN ? "before 1990" : "in the future");
}

od_err od__consent_check(od_engine *engine, const od_consent *consent,
                         od_consent_record *out)
{
    memset(out, 0, sizeof *out);
    const od__text texts[] = {
        {consent->seller, &out->seller, "seller", OD_NAME_MAX},
        {consent->how, &out->how, "how", OD_NAME_MAX},
        {consent->text, &out->text, "text", OD_TEXT_MAX},
        {consent->reference, &out->reference, "reference", OD_NAME_MAX},
        {consent->who, &out->who, "who", OD_NAME_MAX},
    };
    od_err err = od__phone_check(engine, consent->phone, NULL, &out->phone);
    if (err == OD_OK) {
        err = od__texts_check(engine, texts, OD__LEN(texts));
    }
    if (err == OD_OK) {
        err = check_kind(engine, consent);
    }
    if (err == OD_OK) {
        err = check_time(engine, consent->obtained_utc_ms);
    }
    out->kind = consent->kind;
    out->purpose =
        needs_purpose(consent->kind) ? consent->purpose : OD_PURPOSE_UNSTATED;
    out->obtained_utc_ms = consent->obtained_utc_ms;
    out->added_utc_ms = engine->now.utc_ms;
    memcpy(out->sha256, consent->sha256, sizeof out->sha256);
    return err;
}

/* ,"name":"text" of a text that is there. */
static void write_text(od__writer *payload, const char *name, const char *text)
{
    if (text[0] != '\0') {
        od__write(payload, ",\"%s\":", name);
        od__write_json(payload, text);
    }
}

static void write_hash(od__writer *payload, const char *name,
                       const uint8_t sha256[32])
{
    char hash[65];
    od__hex(sha256, 32, hash);
    od__write(payload, ",\"%s\":\"%s\"", name, hash);
}

void od__consent_payload(const od_consent_record *row, od__writer *payload)
{
    static const uint8_t none[32];
    char phone[OD_PHONE_MAX + 1];
    uint8_t text_sha256[32];
    od__phone_text(row->phone, phone);
    od__write(payload, "{\"phone\":\"%s\",\"kind\":\"%s\"", phone,
              od_consent_kind_name(row->kind));
    if (row->purpose != OD_PURPOSE_UNSTATED) {
        od__write(payload, ",\"purpose\":\"%s\"",
                  od_purpose_name(row->purpose));
    }
    od__write(payload, ",\"obtained_utc_ms\":%lld",
              (long long)row->obtained_utc_ms);
    write_text(payload, "seller", row->seller);
    write_text(payload, "how", row->how);
    write_text(payload, "reference", row->reference);
    write_text(payload, "who", row->who);
    if (memcmp(row->sha256, none, sizeof none) != 0) {
        write_hash(payload, "sha256", row->sha256);
    }
    if (row->text[0] != '\0') {
        od__sha256(row->text, strlen(row->text), text_sha256);
        write_hash(payload, "text_sha256", text_sha256);
    }
    od__writer whole = *payload; /* with the text, if it fits */
    write_text(&whole, "text", row->text);
    od__write(&whole, "}");
    if (!whole.full) {
        *payload = whole;
        return;
    }
    payload->out[payload->len] = '\0';
    od__write(payload, "}");
}

static od_err keep(od_engine *engine, od__arena *arena, const char **texts[],
                   size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *text = *texts[i];
        *texts[i] = text[0] == '\0'
                        ? ""
                        : od__arena_text(arena, text, strlen(text));
        if (*texts[i] == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
    }
    return OD_OK;
}

od_err od__consent_keep(od_engine *engine, od__arena *arena,
                        od_consent_record *row)
{
    const char **texts[] = {&row->seller, &row->how, &row->text,
                            &row->reference, &row->who};
    return keep(engine, arena, texts, OD__LEN(texts));
}

od_err od_consent_add(od_engine *engine, const od_consent *consent)
{
    od_consent_record row;
    od_ledger_entry ledger;
    od__writer payload;
    char text[OD__CONSENT_PAYLOAD];
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (consent == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "consent must not be NULL");
    }
    od_err err = od__consent_check(engine, consent, &row);
    if (err == OD_OK) {
        /* They may be what od_consents_list() gave, in memory of the storage
         * that lives until its next slot is called. */
        err = od__consent_keep(engine, &engine->arena, &row);
    }
    if (err != OD_OK) {
        return err;
    }
    od__writer_init(&payload, text, sizeof text);
    od__consent_payload(&row, &payload);
    od__ledger_entry(engine, &ledger, OD_LEDGER_CONSENT_ADD, 0, text);
    err = OD__STORE(engine, consent_add)(engine->store, &row, &ledger, 1,
                                         engine->now.utc_ms, NULL);
    if (err == OD_OK) {
        od__engine_changed(engine);
    }
    return od__store_err(engine, err);
}

od_err od_consent_revoke(od_engine *engine, const char *phone,
                         const char *seller, const char *reason)
{
    uint64_t number = 0;
    od_ledger_entry ledger;
    od__writer payload;
    char text[OD__PAYLOAD_SIZE * 2];
    char from[OD_PHONE_MAX + 1];
    const char *whom = "";
    const char *why = "";
    const char **texts[] = {&whom, &why};
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__phone_check(engine, phone, NULL, &number);
    if (err == OD_OK) {
        err = od__text_check(engine, seller, "seller", OD_NAME_MAX, &whom);
    }
    if (err == OD_OK) {
        err = od__text_check(engine, reason, "reason", OD_NAME_MAX, &why);
    }
    if (err == OD_OK) {
        err = keep(engine, &engine->arena, texts, OD__LEN(texts));
    }
    if (err != OD_OK) {
        return err;
    }
    od__phone_text(number, from);
    od__writer_init(&payload, text, sizeof text);
    od__write(&payload, "{\"phone\":\"%s\"", from);
    if (seller != NULL) { /* "" is one, too */
        od__write(&payload, ",\"seller\":");
        od__write_json(&payload, whom);
    }
    write_text(&payload, "reason", why);
    od__write(&payload, "}");
    od__ledger_entry(engine, &ledger, OD_LEDGER_CONSENT_REVOKE, 0, text);
    err = OD__STORE(engine, consent_revoke)(engine->store, number,
                                            seller != NULL ? whom : NULL,
                                            engine->now.utc_ms, &ledger);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err,
                               "no evidence for %s is in force%s%s", from,
                               seller != NULL ? " with seller " : "", whom);
    }
    od__engine_changed(engine);
    return od__store_err(engine, err);
}

static void tell(od_engine *engine, const od_consent_record *record,
                 od_consent *out)
{
    *out = (od_consent){.id = record->id,
                        .phone = od__phone_keep(engine, record->phone),
                        .seller = record->seller,
                        .how = record->how,
                        .text = record->text,
                        .reference = record->reference,
                        .who = record->who,
                        .obtained_utc_ms = record->obtained_utc_ms,
                        .added_utc_ms = record->added_utc_ms,
                        .revoked_utc_ms = record->revoked_utc_ms,
                        .kind = record->kind,
                        .purpose = record->purpose};
    memcpy(out->sha256, record->sha256, sizeof out->sha256);
}

od_err od_consents_list(od_engine *engine, const char *phone, od_id after_id,
                        od_consent *rows, size_t rows_max, size_t *count)
{
    size_t len = 0;
    uint64_t number = 0;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK && phone != NULL) {
        err = od__phone_check(engine, phone, NULL, &number);
    }
    if (err != OD_OK) {
        return err;
    }
    od_consent_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    if (records == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, consent_scan)(engine->store, number, after_id,
                                          records, rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        tell(engine, &records[i], &rows[i]);
    }
    *count = len;
    return OD_OK;
}

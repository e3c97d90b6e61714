/*
 * schema.c - the tables, version by version, and whose file this is.
 *
 * Each step belongs to a version; a new file takes all of them, an older one
 * those it lacks, in order and in one transaction. A step that was released is
 * never edited: a change is another step. PRAGMA application_id says that the
 * file is ours, PRAGMA user_version which steps it took.
 *
 * Keys, decided by measurement:
 *
 *   contact  append-only and fat; its phone stands in no index
 *   member   (group, phone): narrow, and what makes a phone unique in a group
 *   target   (campaign, phone): unique over groups; target_due is the dial
 *            queue, asked one lane at a time and in the order of its key
 *   flight   phone: one live attempt per number over all campaigns; as small
 *            as the number of live calls
 *   attempt  written once, when the call has ended; those of one phone are a
 *            chain that begins in `line`: an index over phones would dirty
 *            another page with each call
 *   message  the same of a text, in the same chain; receipts change it
 *   message_part  (network id, trunk): what a receipt names
 *   dnc      (phone, scope, campaign): entries of prefixes have scopes of their
 *            own and a small index, which tells that there are none
 *   consent  phone: each has few rows
 *
 * No foreign key joins the large tables: each would cost a look-up per row,
 * and a row keeps the number of a contact that is gone on purpose.
 */
#include "storage/sqlite/sqlite.h"

/* The ended attempts to a phone, which stands between the two pieces, in SQL of
 * version 1. Ids of a chain fall: one that does not is a loop, and the end. */
#define CHAIN_OF                                                               \
    "WITH RECURSIVE chain (link, before, at, campaign, disposition, reached) " \
    "AS (SELECT a.id, a.before, a.claimed_at, a.campaign, a.disposition, "     \
    "a.reached_network FROM line l CROSS JOIN attempt a ON a.id = l.attempt "  \
    "WHERE l.phone = "
#define CHAIN_END                                                              \
    " UNION ALL SELECT a.id, a.before, a.claimed_at, a.campaign, "             \
    "a.disposition, a.reached_network FROM chain CROSS JOIN attempt a "        \
    "ON a.id = chain.before WHERE chain.before < chain.link) "

const od__schema_step od__schema_steps[] = {
    /* Numbers that were given out last: contact, attempt; checkpoint. */
    {1,
     "CREATE TABLE meta ("
     " key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"},
    {1, "INSERT INTO meta VALUES"
        " ('contact', 0), ('attempt', 0), ('checkpoint', 0);"},
    /* Who dials, for the text only: the authority is the lock. */
    {1, "CREATE TABLE lease ("
        " id INTEGER PRIMARY KEY CHECK (id = 1), owner TEXT NOT NULL,"
        " pid INTEGER NOT NULL, since INTEGER NOT NULL,"
        " heartbeat INTEGER NOT NULL) STRICT;"},
    {1, "CREATE TABLE place ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE) "
        "STRICT;"},
    {1, "CREATE TABLE contact_group ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
        " members INTEGER NOT NULL) STRICT;"},
    /* fields: "name\0value\0..." */
    {1,
     "CREATE TABLE contact ("
     " id INTEGER PRIMARY KEY, phone INTEGER NOT NULL, place INTEGER NOT NULL,"
     " first_name TEXT NOT NULL, last_name TEXT NOT NULL,"
     " email TEXT NOT NULL, company TEXT NOT NULL, notes TEXT NOT NULL,"
     " timezone TEXT NOT NULL, state TEXT NOT NULL,"
     " fields BLOB NOT NULL) STRICT;"},
    /* import: the token of the import that put it there, or 0 */
    {1, "CREATE TABLE member ("
        " group_id INTEGER NOT NULL, phone INTEGER NOT NULL,"
        " contact INTEGER NOT NULL, place INTEGER NOT NULL,"
        " import INTEGER NOT NULL,"
        " PRIMARY KEY (group_id, phone)) STRICT, WITHOUT ROWID;"},
    {1, "CREATE INDEX member_contact ON member (group_id, contact);"},
    {1, "CREATE TABLE dnc ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, phone INTEGER NOT NULL,"
        " scope INTEGER NOT NULL, campaign INTEGER NOT NULL,"
        " attempt INTEGER NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL,"
        " added_at INTEGER NOT NULL, UNIQUE (phone, scope, campaign)) STRICT;"},
    /* fill_at, fill_phone: the last member that was looked at */
    {1, "CREATE TABLE campaign ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
        " state INTEGER NOT NULL, state_text TEXT NOT NULL,"
        " caller_id INTEGER NOT NULL, start_at INTEGER NOT NULL,"
        " started_at INTEGER NOT NULL, filled INTEGER NOT NULL,"
        " fill_at INTEGER NOT NULL, fill_phone INTEGER NOT NULL,"
        " channel INTEGER NOT NULL, attempts_max INTEGER NOT NULL,"
        " concurrent_max INTEGER NOT NULL, recall INTEGER NOT NULL,"
        " redial_unknown INTEGER NOT NULL, retry_delay_s INTEGER NOT NULL,"
        " ring_timeout_ms INTEGER NOT NULL, skip_answered_h INTEGER NOT NULL,"
        " skip_called_h INTEGER NOT NULL, opt_out_key INTEGER NOT NULL,"
        " fail_stop_pct INTEGER NOT NULL, survey INTEGER NOT NULL,"
        " opt_out_prompt INTEGER NOT NULL) STRICT;"},
    {1, "CREATE TABLE campaign_group ("
        " campaign INTEGER NOT NULL REFERENCES campaign (id),"
        " at INTEGER NOT NULL, group_id INTEGER NOT NULL,"
        " PRIMARY KEY (campaign, at)) STRICT, WITHOUT ROWID;"},
    {1, "CREATE TABLE campaign_prompt ("
        " campaign INTEGER NOT NULL REFERENCES campaign (id),"
        " at INTEGER NOT NULL, media INTEGER NOT NULL,"
        " PRIMARY KEY (campaign, at)) STRICT, WITHOUT ROWID;"},
    {1, "CREATE TABLE campaign_window ("
        " campaign INTEGER NOT NULL REFERENCES campaign (id),"
        " at INTEGER NOT NULL, days INTEGER NOT NULL,"
        " start_min INTEGER NOT NULL, end_min INTEGER NOT NULL,"
        " PRIMARY KEY (campaign, at)) STRICT, WITHOUT ROWID;"},
    {1, "CREATE TABLE target ("
        " campaign INTEGER NOT NULL, phone INTEGER NOT NULL,"
        " contact INTEGER NOT NULL, place INTEGER NOT NULL,"
        " state INTEGER NOT NULL, reason INTEGER NOT NULL,"
        " attempts INTEGER NOT NULL, disposition INTEGER NOT NULL,"
        " lane INTEGER NOT NULL, due_at INTEGER NOT NULL,"
        " PRIMARY KEY (campaign, phone)) STRICT, WITHOUT ROWID;"},
    {1, "CREATE INDEX target_due ON target (campaign, lane, due_at)"
        " WHERE state = 0;"},
    /* attempt: the last one that ended */
    {1, "CREATE TABLE line ("
        " phone INTEGER PRIMARY KEY, attempt INTEGER NOT NULL,"
        " called_at INTEGER NOT NULL, answered_at INTEGER NOT NULL,"
        " invalid INTEGER NOT NULL) STRICT;"},
    {1, "CREATE TABLE flight ("
        " phone INTEGER PRIMARY KEY, attempt INTEGER NOT NULL,"
        " campaign INTEGER NOT NULL, contact INTEGER NOT NULL,"
        " session_id TEXT NOT NULL, trunk TEXT NOT NULL,"
        " claimed_at INTEGER NOT NULL, answered_at INTEGER NOT NULL) STRICT;"},
    /* before: the attempt to this phone that ended before, or 0 */
    {1, "CREATE TABLE attempt ("
        " id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL,"
        " contact INTEGER NOT NULL, phone INTEGER NOT NULL,"
        " before INTEGER NOT NULL,"
        " session_id TEXT NOT NULL, sip_call_id TEXT NOT NULL,"
        " trunk TEXT NOT NULL, claimed_at INTEGER NOT NULL,"
        " answered_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,"
        " talk_ms INTEGER NOT NULL, heard_ms INTEGER NOT NULL,"
        " disposition INTEGER NOT NULL, sip_status INTEGER NOT NULL,"
        " fault INTEGER NOT NULL, survey_done INTEGER NOT NULL,"
        " reached_network INTEGER NOT NULL) STRICT;"},
    {1, "CREATE INDEX attempt_campaign ON attempt (campaign);"},
    {1, "CREATE TABLE answer ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, campaign INTEGER NOT NULL,"
        " attempt INTEGER NOT NULL, phone INTEGER NOT NULL,"
        " utc_ms INTEGER NOT NULL, visit INTEGER NOT NULL,"
        " question TEXT NOT NULL, digits TEXT NOT NULL, choice TEXT NOT NULL,"
        " UNIQUE (attempt, question, visit)) STRICT;"},
    {1, "CREATE INDEX answer_campaign ON answer (campaign);"},
    /* first: the answer in which the choice appeared */
    {1, "CREATE TABLE result ("
        " campaign INTEGER NOT NULL, question TEXT NOT NULL,"
        " choice TEXT NOT NULL, answers INTEGER NOT NULL,"
        " first INTEGER NOT NULL,"
        " PRIMARY KEY (campaign, question, choice)) STRICT, WITHOUT ROWID;"},
    /* Sums, kept with every change of what they count. */
    {1, "CREATE TABLE counter ("
        " campaign INTEGER NOT NULL, kind INTEGER NOT NULL,"
        " value INTEGER NOT NULL, PRIMARY KEY (campaign, kind))"
        " STRICT, WITHOUT ROWID;"},
    {1, "CREATE TABLE lane_counter ("
        " campaign INTEGER NOT NULL, lane INTEGER NOT NULL,"
        " ready INTEGER NOT NULL, PRIMARY KEY (campaign, lane))"
        " STRICT, WITHOUT ROWID;"},
    {1, "CREATE TABLE pace ("
        " campaign INTEGER PRIMARY KEY, minute INTEGER NOT NULL,"
        " calls INTEGER NOT NULL, calls_before INTEGER NOT NULL) STRICT;"},
    {1, "CREATE TABLE asset ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
        " measure INTEGER NOT NULL, name TEXT NOT NULL, sha256 BLOB NOT NULL,"
        " bytes BLOB NOT NULL, UNIQUE (kind, name)) STRICT;"},
    {1, "CREATE TABLE ledger ("
        " seq INTEGER PRIMARY KEY, utc_ms INTEGER NOT NULL,"
        " subject INTEGER NOT NULL, kind INTEGER NOT NULL,"
        " payload TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL)"
        " STRICT;"},

    /* Adding a column rewrites no row: old ones read as the default. */
    {2, "ALTER TABLE contact_group ADD COLUMN fresh_at INTEGER NOT NULL"
        " DEFAULT 0;"},
    /* phone2, phone3: 0 if there is none */
    {2, "ALTER TABLE contact ADD COLUMN zip TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE contact ADD COLUMN line INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE contact ADD COLUMN phone2 INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE contact ADD COLUMN place2 INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE contact ADD COLUMN phone3 INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE contact ADD COLUMN place3 INTEGER NOT NULL DEFAULT 0;"},
    /* scope: of a prefix, 16 more; expires_at: the largest number is never */
    {2, "ALTER TABLE dnc ADD COLUMN expires_at INTEGER NOT NULL"
        " DEFAULT 9223372036854775807;"},
    {2, "CREATE INDEX dnc_prefix ON dnc (phone) WHERE scope >= 16;"},
    /* revoked_at: 0 while it is in force */
    {2, "CREATE TABLE consent ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, phone INTEGER NOT NULL,"
        " kind INTEGER NOT NULL, purpose INTEGER NOT NULL,"
        " obtained_at INTEGER NOT NULL, added_at INTEGER NOT NULL,"
        " revoked_at INTEGER NOT NULL, seller TEXT NOT NULL,"
        " how TEXT NOT NULL, text TEXT NOT NULL, reference TEXT NOT NULL,"
        " who TEXT NOT NULL, sha256 BLOB NOT NULL) STRICT;"},
    {2, "CREATE INDEX consent_phone ON consent (phone);"},
    /* What a campaign did not say before is what it says by default. */
    {2, "ALTER TABLE campaign ADD COLUMN purpose INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN retry_unfinished INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN spread_dayparts INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;"
        "ALTER TABLE campaign ADD COLUMN weight INTEGER NOT NULL DEFAULT 10;"
        "ALTER TABLE campaign ADD COLUMN quota_answers INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN quota_question TEXT NOT NULL"
        " DEFAULT '';"
        "ALTER TABLE campaign ADD COLUMN quota_choice TEXT NOT NULL"
        " DEFAULT '';"
        "ALTER TABLE campaign ADD COLUMN seller TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE campaign ADD COLUMN end_at INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN identity_prompt INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN offer_prompt INTEGER NOT NULL"
        " DEFAULT 0;"},
    /* The fill leaves alone who is through: what is judged by has changed. */
    {2, "ALTER TABLE campaign ADD COLUMN fill_anew INTEGER NOT NULL"
        " DEFAULT 0;"},
    {2, "ALTER TABLE campaign ADD COLUMN guard_sample INTEGER NOT NULL"
        " DEFAULT 50;"
        "ALTER TABLE campaign ADD COLUMN guard_short INTEGER NOT NULL"
        " DEFAULT 300;"
        "ALTER TABLE campaign ADD COLUMN guard_prefix INTEGER NOT NULL"
        " DEFAULT 950;"
        "ALTER TABLE campaign ADD COLUMN guard_unheard INTEGER NOT NULL"
        " DEFAULT -1;"
        "ALTER TABLE campaign ADD COLUMN guard_abandon INTEGER NOT NULL"
        " DEFAULT 30;"
        "ALTER TABLE campaign ADD COLUMN guard_brief INTEGER NOT NULL"
        " DEFAULT -1;"},
    /* Those that say something. */
    {2, "CREATE TABLE campaign_retry ("
        " campaign INTEGER NOT NULL REFERENCES campaign (id),"
        " disposition INTEGER NOT NULL, delay_s INTEGER NOT NULL,"
        " attempts_max INTEGER NOT NULL,"
        " PRIMARY KEY (campaign, disposition)) STRICT, WITHOUT ROWID;"},
    /* recent: "when campaign when campaign ", calls that reached the network,
     * the latest first. What older calls left is gathered from their rows. */
    {2, "ALTER TABLE line ADD COLUMN recent TEXT NOT NULL DEFAULT '';"},
    {2, "UPDATE line SET recent = coalesce((" CHAIN_OF "line.phone" CHAIN_END
        "SELECT group_concat(printf('%d %d ', at, campaign), '') FROM"
        " (SELECT at, campaign FROM chain WHERE reached ORDER BY link DESC"
        " LIMIT 16)), '') WHERE called_at <> 0;"},
    /* tries: four bits for each disposition */
    {2, "ALTER TABLE target ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;"},
    {2, "UPDATE target SET tries = coalesce((" CHAIN_OF "target.phone" CHAIN_END
        "SELECT sum(n << (4 * disposition)) FROM (SELECT disposition,"
        " min(count(*), 15) AS n FROM chain WHERE campaign = target.campaign"
        " AND disposition BETWEEN 0 AND 14 GROUP BY disposition)), 0)"
        " WHERE disposition <> 0;"},
    /* caller_id: 0 in what an older version wrote */
    {2, "ALTER TABLE flight ADD COLUMN caller_id INTEGER NOT NULL DEFAULT 0;"},
    {2, "ALTER TABLE attempt ADD COLUMN caller_id INTEGER NOT NULL DEFAULT 0;"},
    /* digest: of salt and payload, once they are erased; else NULL */
    {2, "ALTER TABLE ledger ADD COLUMN digest BLOB;"},

    {3, "ALTER TABLE campaign ADD COLUMN text_policy INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN segments_max INTEGER NOT NULL"
        " DEFAULT 10;"
        "ALTER TABLE campaign ADD COLUMN transliterate INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN validity_s INTEGER NOT NULL"
        " DEFAULT 86400;"
        "ALTER TABLE campaign ADD COLUMN texts_per_minute_max INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE campaign ADD COLUMN text TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE campaign ADD COLUMN opt_out_text TEXT NOT NULL"
        " DEFAULT '';"
        "ALTER TABLE campaign ADD COLUMN confirm_text TEXT NOT NULL"
        " DEFAULT '';"
        "ALTER TABLE campaign ADD COLUMN help_text TEXT NOT NULL DEFAULT '';"},
    /* What is live of an older version is a call. */
    {3, "ALTER TABLE flight ADD COLUMN channel INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE flight ADD COLUMN notice INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE flight ADD COLUMN reply INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE flight ADD COLUMN encoding INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE flight ADD COLUMN segments INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE flight ADD COLUMN attempts_before INTEGER NOT NULL"
        " DEFAULT 0;"
        "ALTER TABLE flight ADD COLUMN text TEXT NOT NULL DEFAULT '';"},
    /* before: as in `attempt`; parts: a byte for each, its delivery;
     * network_ids: "id\0id\0..." */
    {3, "CREATE TABLE message ("
        " attempt INTEGER PRIMARY KEY, campaign INTEGER NOT NULL,"
        " contact INTEGER NOT NULL, reply INTEGER NOT NULL,"
        " phone INTEGER NOT NULL, before INTEGER NOT NULL,"
        " caller_id INTEGER NOT NULL, notice INTEGER NOT NULL,"
        " encoding INTEGER NOT NULL, segments INTEGER NOT NULL,"
        " disposition INTEGER NOT NULL, status INTEGER NOT NULL,"
        " fault INTEGER NOT NULL, reached_network INTEGER NOT NULL,"
        " delivery INTEGER NOT NULL, attempts_before INTEGER NOT NULL,"
        " claimed_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,"
        " delivery_at INTEGER NOT NULL, open_until INTEGER NOT NULL,"
        " session_id TEXT NOT NULL, trunk TEXT NOT NULL,"
        " network_code TEXT NOT NULL, parts BLOB NOT NULL,"
        " network_ids BLOB NOT NULL, text TEXT NOT NULL) STRICT;"},
    {3, "CREATE INDEX message_campaign ON message (campaign);"},
    {3, "CREATE INDEX message_open ON message (open_until)"
        " WHERE delivery IN (1, 2);"},
    {3, "CREATE TABLE message_part ("
        " network_id TEXT NOT NULL, trunk TEXT NOT NULL,"
        " attempt INTEGER NOT NULL, part INTEGER NOT NULL,"
        " PRIMARY KEY (network_id, trunk)) STRICT, WITHOUT ROWID;"},
    /* to_phone: which of our numbers, or 0 */
    {3, "CREATE TABLE reply ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " nonce INTEGER NOT NULL UNIQUE, campaign INTEGER NOT NULL,"
        " attempt INTEGER NOT NULL, contact INTEGER NOT NULL,"
        " phone INTEGER NOT NULL, to_phone INTEGER NOT NULL,"
        " utc_ms INTEGER NOT NULL, kind INTEGER NOT NULL,"
        " owed INTEGER NOT NULL, owed_until INTEGER NOT NULL,"
        " answered INTEGER NOT NULL, trunk TEXT NOT NULL,"
        " network_id TEXT NOT NULL, text TEXT NOT NULL) STRICT;"},
    {3, "CREATE INDEX reply_campaign ON reply (campaign);"},
    {3, "CREATE INDEX reply_phone ON reply (phone);"},
    {3, "CREATE INDEX reply_owed ON reply (owed_until) WHERE owed <> 0;"},
    /* What answers a text may come when the text is nameless already: such
     * answers are found by phone. Old ones were given in calls. */
    {3, "ALTER TABLE answer ADD COLUMN channel INTEGER NOT NULL DEFAULT 0;"},
    {3, "CREATE INDEX answer_text ON answer (phone) WHERE channel = 1;"},
};

const size_t od__schema_steps_len = OD__LEN(od__schema_steps);

/* What the header and the list of tables say. */
typedef struct identity {
    int64_t application_id;
    int64_t version;
    int64_t tables;
} identity;

/* First column of the first row of a statement that runs once. */
static int read_once(od__sqlite *s, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = sqlite3_step(stmt);
    int64_t value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    rc = sqlite3_finalize(stmt);
    if (rc == SQLITE_OK) {
        *out = value;
    }
    return rc;
}

static od_err identity_read(od__sqlite *s, identity *out)
{
    int rc = read_once(s, "PRAGMA application_id", &out->application_id);
    if (rc == SQLITE_OK) {
        rc = read_once(s, "PRAGMA user_version", &out->version);
    }
    if (rc == SQLITE_OK) {
        rc = read_once(s, "SELECT count(*) FROM sqlite_schema", &out->tables);
    }
    return rc == SQLITE_OK ? OD_OK : od__sqlite_fail(s, rc);
}

/* Is it ours, or still nobody's? */
static od_err identity_check(od__sqlite *s, const identity *id, int version)
{
    bool is_empty =
        id->application_id == 0 && id->version == 0 && id->tables == 0;
    if (is_empty) {
        return OD_OK;
    }
    if (id->application_id != OD__SQLITE_APPLICATION_ID || id->version < 1) {
        return od__fail(&s->errmsg, OD_ERR_CORRUPT,
                        "%s is a database of another program; choose another "
                        "path",
                        s->path);
    }
    if (id->version > version) {
        return od__fail(&s->errmsg, OD_ERR_VERSION,
                        "%s was made by a newer version of this library "
                        "(schema %lld, this one knows %d); update the library",
                        s->path, (long long)id->version, version);
    }
    return OD_OK;
}

/*
 * Turn on the write-ahead log; the file remembers it. While another process
 * does the same SQLite says busy without asking the busy handler.
 */
static od_err wal_begin(od__sqlite *s)
{
    od_now begun;
    od_now_read(&begun);
    for (;;) {
        sqlite3_stmt *stmt = NULL;
        int rc = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode=WAL", -1, &stmt,
                                    NULL);
        bool is_wal = false;
        if (rc == SQLITE_OK) {
            if (sqlite3_step(stmt) == SQLITE_ROW) {
                const char *mode = (const char *)sqlite3_column_text(stmt, 0);
                is_wal = mode != NULL && strcmp(mode, "wal") == 0;
            }
            rc = sqlite3_finalize(stmt);
        }
        if (is_wal && rc == SQLITE_OK) {
            return OD_OK;
        }
        od_now now;
        od_now_read(&now);
        bool is_busy = (rc & 0xff) == SQLITE_BUSY;
        if (!is_busy || now.mono_ms - begun.mono_ms > s->hooks.busy_ms) {
            return rc != SQLITE_OK
                       ? od__sqlite_fail(s, rc)
                       : od__fail(&s->errmsg, OD_ERR_IO,
                                  "%s: its file system cannot hold a "
                                  "write-ahead log; choose a local disk",
                                  s->path);
        }
        od__sqlite_pause();
    }
}

/* Inside a transaction: take the steps that are missing. */
static od_err update(od__sqlite *s, const od__schema_step *list, size_t len)
{
    int version = list[len - 1].version;
    identity id;
    od_err err = identity_read(s, &id);
    if (err == OD_OK) {
        err = identity_check(s, &id, version);
    }
    if (err != OD_OK || id.version == version) {
        return err;
    }
    int rc = SQLITE_OK;
    for (size_t i = 0; i < len && rc == SQLITE_OK; i++) {
        if (list[i].version > id.version) {
            rc = sqlite3_exec(s->db, list[i].sql, NULL, NULL, NULL);
        }
    }
    if (rc == SQLITE_OK) {
        char sql[96];
        (void)snprintf(sql, sizeof sql,
                       "PRAGMA application_id = %d; PRAGMA user_version = %d",
                       OD__SQLITE_APPLICATION_ID, version);
        rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    }
    return rc == SQLITE_OK ? OD_OK : od__sqlite_fail(s, rc);
}

od_err od__schema_open(od__sqlite *s)
{
    const od__schema_step *list = od__schema_steps;
    size_t len = od__schema_steps_len;
    if (s->hooks.steps != NULL) {
        list = s->hooks.steps;
        len = s->hooks.steps_len;
    }
    int version = list[len - 1].version;
    /* Nothing of a stranger's file is changed, not even its journal. */
    identity id;
    od_err err = identity_read(s, &id);
    if (err == OD_OK) {
        err = identity_check(s, &id, version);
    }
    if (err == OD_OK) {
        err = wal_begin(s);
    }
    if (err != OD_OK || id.version == version) {
        return err;
    }
    err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = update(s, list, len);
    }
    return od__sqlite_finish(s, err);
}

/*
 * sql.c - the text of every statement, and nothing else.
 *
 * Parameters are numbered in the order in which they are bound, columns are
 * read from left to right. Every statement finds its rows by a key: the order
 * of the tables is forced with CROSS JOIN where the planner could think
 * otherwise, and a test looks at the plans. Numbers of states and scopes are
 * those of backend.h and dnc.h; their meaning is checked below.
 */
#include "storage/sqlite/sqlite.h"

_Static_assert(OD_TARGET_READY == 0, "t.state = 0");
_Static_assert(OD_TARGET_BLOCKED == 3 && OD_REASON_DNC == 3, "TARGETS_BLOCKED");
_Static_assert(OD_REASON_CONSENT == 15 && OD_REASON_RULE_BAN == 16 &&
                   OD_REASON_REGISTRY == 18 && OD_REASON_REGISTRY_STALE == 19,
               "TARGETS_AGREE");
_Static_assert(OD__DNC_PREFIX == 16, "a scope of prefixes");
_Static_assert(OD_RECENT_MAX * (OD__RECENT_TEXT_MAX - 1) == 656, "LINE_SET");
_Static_assert(OD_CAMPAIGN_SCHEDULED == 1 && OD_CAMPAIGN_PAUSED == 3,
               "CAMPAIGNS_LIVE_OF_GROUP");
_Static_assert(OD_DNC_ALL == 0 && OD_DNC_VOICE == 1 && OD_DNC_TEXT == 2 &&
                   OD_DNC_CAMPAIGN == 3 && OD_CHANNEL_TEXT == 1,
               "FORBIDS");
_Static_assert(OD_DELIVERY_NONE == 0 && OD_DELIVERY_ACCEPTED == 1 &&
                   OD_DELIVERY_SENT == 2,
               "MESSAGE_OVERDUE");
_Static_assert(OD_DISPOSITION_UNKNOWN == 10, "MESSAGE_SENT");
_Static_assert(OD_NOTICE_NONE == 0, "m.notice = 0");
_Static_assert(OD__COUNTER_READY == 1, "CAMPAIGNS_READY");

/* == pieces =============================================================== */

#define TARGET                                                                 \
    "t.campaign, t.phone, t.contact, t.place, t.state, t.reason, t.attempts, " \
    "t.disposition, t.due_at, t.tries"

#define CONTACT                                                                \
    "p.id, p.phone, p.place, p.first_name, p.last_name, p.email, p.company, "  \
    "p.notes, p.timezone, p.state, p.fields, p.zip, p.line, p.phone2, "        \
    "p.place2, p.phone3, p.place3"

/* Are texts what a campaign sends? Without such a campaign: no. */
#define OF_TEXTS(campaign)                                                     \
    "coalesce((SELECT c.channel = 1 FROM campaign c WHERE c.id = " campaign    \
    "), 0)"

/* When the last entry expires that forbids at ?3 a call, or a text; 0: none
 * does. */
#define FORBIDS(phone, campaign, of_texts)                                     \
    "coalesce((SELECT max(d.expires_at) FROM dnc d WHERE d.phone = " phone     \
    " AND d.expires_at > ?3 AND (d.scope = 0 OR d.scope = 1 + " of_texts       \
    " OR (d.scope = 3 AND d.campaign = " campaign "))), 0)"

/* dnc, in flight, invalid, called, answered, recent calls, is there any
 * consent; at ?3, needs line l */
#define FACTS(phone, campaign)                                                 \
    FORBIDS(phone, campaign, OF_TEXTS(campaign))                               \
    ", EXISTS (SELECT 1 FROM flight f WHERE f.phone = " phone                  \
    "), coalesce(l.invalid, 0), coalesce(l.called_at, 0), "                    \
    "coalesce(l.answered_at, 0), coalesce(l.recent, ''), "                     \
    "EXISTS (SELECT 1 FROM consent k WHERE k.phone = " phone ")"

#define ATTEMPT_OF                                                             \
    "SELECT id, campaign, contact, phone, caller_id, session_id, "             \
    "sip_call_id, trunk, claimed_at, answered_at, ended_at, heard_ms, "        \
    "disposition, sip_status, fault, survey_done, reached_network, 0, 0 FROM "
#define ATTEMPT_WHERE                                                          \
    " WHERE id > ?1 AND (?3 = 0 OR disposition = ?3) AND "                     \
    "(?4 = 0 OR claimed_at >= ?4) AND (?5 = 0 OR claimed_at < ?5) AND "

#define FLIGHT                                                                 \
    "SELECT attempt, campaign, contact, phone, caller_id, session_id, '', "    \
    "trunk, claimed_at, answered_at, 0, 0, 0, 0, 0, 0, 0, channel, notice "    \
    "FROM flight "

/* The attempt, or text, to the same phone that ended before; 0: none. */
#define BEFORE(id)                                                             \
    "coalesce((SELECT a.before FROM attempt a WHERE a.id = " id                \
    "), (SELECT m.before FROM message m WHERE m.attempt = " id "), 0)"

/* The ended attempts and texts to a phone, above an id; both stand between the
 * pieces. Ids of a chain fall: one that does not is a loop, and the end. */
#define CHAIN_OF                                                               \
    "WITH RECURSIVE chain (link, before) AS (SELECT l.attempt, " BEFORE(       \
        "l.attempt") " FROM line l WHERE l.attempt > 0 AND l.phone = "
#define CHAIN_AFTER                                                            \
    " UNION ALL SELECT chain.before, " BEFORE(                                 \
        "chain.before") " FROM chain WHERE chain.before < chain.link "         \
                        "AND chain.before > "

/* What is known of a text, m, and of its target, t. */
#define MESSAGE                                                                \
    "SELECT m.attempt, m.campaign, m.contact, m.reply, m.phone, "              \
    "m.caller_id, m.session_id, m.trunk, m.text, m.network_code, m.notice, "   \
    "m.encoding, m.segments, m.disposition, m.status, m.fault, m.delivery, "   \
    "m.attempts_before, m.claimed_at, m.ended_at, m.delivery_at, "             \
    "m.open_until, m.parts, "
/* The same of a live one. */
#define MESSAGE_FLIGHT                                                         \
    "SELECT m.attempt, m.campaign, m.contact, m.reply, m.phone, "              \
    "m.caller_id, m.session_id, m.trunk, m.text, '', m.notice, m.encoding, "   \
    "m.segments, 0, 0, 0, 0, m.attempts_before, m.claimed_at, 0, 0, 0, x'', "
#define MESSAGE_TARGET                                                         \
    "coalesce(t.place, 0), coalesce(t.state, 0), coalesce(t.disposition, 0), " \
    "coalesce(t.attempts, 0), coalesce(t.tries, 0)"
#define JOIN_TARGET                                                            \
    " LEFT JOIN target t ON t.campaign = m.campaign AND t.phone = m.phone "    \
    "AND m.notice = 0 "
#define MESSAGE_OF(from) MESSAGE MESSAGE_TARGET " FROM " from JOIN_TARGET
#define MESSAGE_WHERE                                                          \
    "WHERE m.attempt > ?1 AND (?3 = 0 OR m.disposition = ?3) AND "             \
    "(?4 = 0 OR m.claimed_at >= ?4) AND (?5 = 0 OR m.claimed_at < ?5) AND "

#define REPLY                                                                  \
    "SELECT id, nonce, campaign, attempt, contact, phone, to_phone, utc_ms, "  \
    "kind, owed, owed_until, answered, trunk, network_id, text FROM reply "
#define REPLY_WHERE                                                            \
    "WHERE id > ?1 AND (?3 = 0 OR utc_ms >= ?3) AND "                          \
    "(?4 = 0 OR utc_ms < ?4) AND "

#define CAMPAIGN_OPTIONS                                                       \
    "caller_id, start_at, channel, attempts_max, concurrent_max, "             \
    "recall, redial_unknown, retry_delay_s, ring_timeout_ms, "                 \
    "skip_answered_h, skip_called_h, opt_out_key, fail_stop_pct, survey, "     \
    "opt_out_prompt, purpose, retry_unfinished, spread_dayparts, priority, "   \
    "weight, quota_answers, guard_sample, guard_short, guard_prefix, "         \
    "guard_unheard, guard_abandon, guard_brief, end_at, identity_prompt, "     \
    "offer_prompt, text_policy, segments_max, transliterate, validity_s, "     \
    "texts_per_minute_max, name, seller, quota_question, quota_choice, text, " \
    "opt_out_text, confirm_text, help_text"
#define CAMPAIGN_VALUES                                                        \
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "  \
    "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, "   \
    "?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43"

#define CONSENT                                                                \
    "SELECT id, phone, kind, purpose, obtained_at, added_at, revoked_at, "     \
    "seller, how, text, reference, who, sha256 FROM consent "

/* == statements =========================================================== */

static const char *const texts[OD__SQL_COUNT] = {
    [OD__SQL_BEGIN] = "BEGIN IMMEDIATE",
    [OD__SQL_READ] = "BEGIN",
    [OD__SQL_COMMIT] = "COMMIT",
    [OD__SQL_ROLLBACK] = "ROLLBACK",
    [OD__SQL_DATA_VERSION] = "PRAGMA data_version",
    [OD__SQL_META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [OD__SQL_META_SET] = "UPDATE meta SET value = ?1 WHERE key = ?2",
    [OD__SQL_LEASE_GET] = "SELECT pid, since, owner FROM lease WHERE id = 1",
    [OD__SQL_LEASE_SET] =
        "INSERT INTO lease (id, pid, since, heartbeat, owner) "
        "VALUES (1, ?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET "
        "pid = ?1, since = ?2, heartbeat = ?3, owner = ?4",

    [OD__SQL_PLACE_FIND] = "SELECT id FROM place WHERE key = ?1",
    [OD__SQL_PLACE_ADD] = "INSERT INTO place (key) VALUES (?1)",
    [OD__SQL_PLACE_SCAN] =
        "SELECT id, key FROM place WHERE id > ?1 ORDER BY id LIMIT ?2",

    [OD__SQL_GROUP_GET] = "SELECT id FROM contact_group WHERE id = ?1",
    [OD__SQL_GROUP_FIND] = "SELECT id FROM contact_group WHERE name = ?1",
    [OD__SQL_GROUP_ADD] =
        "INSERT INTO contact_group (name, members) VALUES (?1, 0)",
    [OD__SQL_GROUP_RENAME] = "UPDATE contact_group SET name = ?2 WHERE id = ?1",
    [OD__SQL_GROUP_COUNT] =
        "UPDATE contact_group SET members = members + ?2 WHERE id = ?1",
    [OD__SQL_GROUP_REMOVE] = "DELETE FROM contact_group WHERE id = ?1",
    [OD__SQL_GROUP_SCAN] = "SELECT id, members, fresh_at, name "
                           "FROM contact_group "
                           "WHERE id > ?1 ORDER BY id LIMIT ?2",
    [OD__SQL_GROUP_VALIDATE] =
        "UPDATE contact_group SET fresh_at = max(fresh_at, ?2) WHERE id = ?1",
    /* Reads all members of the group. */
    [OD__SQL_GROUP_PLACES] =
        "SELECT place, count(*) FROM member WHERE group_id = ?1 AND "
        "place > ?2 GROUP BY place ORDER BY place LIMIT ?3",

    [OD__SQL_MEMBER_ADD] =
        "INSERT INTO member (group_id, phone, contact, place, import) "
        "VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (group_id, phone) DO NOTHING",
    [OD__SQL_MEMBER_GET] = "SELECT contact, place, import FROM member "
                           "WHERE group_id = ?1 AND phone = ?2",
    [OD__SQL_MEMBER_PAGE] =
        "SELECT phone, contact, place FROM member "
        "WHERE group_id = ?1 AND phone > ?2 ORDER BY phone LIMIT ?3",
    [OD__SQL_MEMBER_PHONES_PAGE] =
        "SELECT m.contact, m.phone, coalesce(p.phone2, 0), "
        "coalesce(p.place2, 0), coalesce(p.phone3, 0), coalesce(p.place3, 0) "
        "FROM member m LEFT JOIN contact p ON p.id = m.contact "
        "WHERE m.group_id = ?1 AND m.phone > ?2 ORDER BY m.phone LIMIT ?3",
    [OD__SQL_MEMBER_OF_CAMPAIGN] =
        "SELECT m.contact, m.place FROM campaign_group g CROSS JOIN "
        "contact_group e ON e.id = g.group_id CROSS JOIN member m "
        "ON m.group_id = g.group_id AND m.phone = ?2 WHERE g.campaign = ?1 "
        "ORDER BY g.at",
    [OD__SQL_MEMBER_GROUPS] =
        "SELECT m.group_id FROM contact_group g CROSS JOIN member m "
        "ON m.group_id = g.id AND m.phone = ?1 WHERE m.contact = ?2",
    [OD__SQL_MEMBER_PLACE_SET] =
        "UPDATE member SET place = ?3 WHERE group_id IN "
        "(SELECT id FROM contact_group) AND phone = ?1 AND contact = ?2",
    [OD__SQL_MEMBER_REMOVE] = "DELETE FROM member "
                              "WHERE group_id = ?1 AND phone = ?2",

    [OD__SQL_CONTACT_ADD] =
        "INSERT INTO contact (id, phone, place, line, phone2, place2, phone3, "
        "place3, first_name, last_name, email, company, notes, timezone, "
        "state, zip, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    [OD__SQL_CONTACT_SET] =
        "UPDATE contact SET place = ?2, line = ?3, phone2 = ?4, place2 = ?5, "
        "phone3 = ?6, place3 = ?7, first_name = ?8, last_name = ?9, "
        "email = ?10, company = ?11, notes = ?12, timezone = ?13, "
        "state = ?14, zip = ?15, fields = ?16 WHERE id = ?1",
    [OD__SQL_CONTACT_GET] = "SELECT " CONTACT " FROM contact p WHERE p.id = ?1",
    [OD__SQL_CONTACT_PHONES] = "SELECT id, phone, phone2, place2, phone3, "
                               "place3 FROM contact WHERE id = ?1",
    [OD__SQL_CONTACT_PHONES_SET] =
        "UPDATE contact SET phone2 = ?2, place2 = ?3, phone3 = ?4, "
        "place3 = ?5 WHERE id = ?1",
    [OD__SQL_CONTACT_SCAN] = "SELECT " CONTACT " FROM contact p "
                             "WHERE p.id > ?1 ORDER BY p.id LIMIT ?2",
    [OD__SQL_CONTACT_SCAN_GROUP] =
        "SELECT " CONTACT " FROM member m CROSS JOIN contact p "
        "ON p.id = m.contact WHERE m.group_id = ?3 AND m.contact > ?1 "
        "ORDER BY m.contact LIMIT ?2",
    /* Reads all contacts: their phones stand in no index. */
    [OD__SQL_CONTACTS_OF_PHONE] = "SELECT id FROM contact WHERE id > 0 AND "
                                  "(phone = ?1 OR phone2 = ?1 OR phone3 = ?1)",
    [OD__SQL_CONTACT_REMOVE] = "DELETE FROM contact WHERE id = ?1",

    [OD__SQL_DNC_ADD] =
        "INSERT INTO dnc (phone, scope, campaign, attempt, added_at, "
        "expires_at, reason, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
        "ON CONFLICT (phone, scope, campaign) DO UPDATE SET "
        "expires_at = excluded.expires_at "
        "WHERE excluded.expires_at > dnc.expires_at",
    [OD__SQL_DNC_CHECK] = "SELECT " FORBIDS("?1", "?2", "(?4 = 1)"),
    [OD__SQL_DNC_PREFIXES] = "SELECT EXISTS (SELECT 1 FROM dnc "
                             "WHERE scope >= 16 AND phone >= 0)",
    /* The same as DNC_CHECK of all prefixes of the phone. */
    [OD__SQL_DNC_CHECK_PREFIX] =
        "WITH RECURSIVE head (n) AS (SELECT ?1 UNION ALL SELECT n / 10 "
        "FROM head WHERE n >= 10) SELECT coalesce(max(d.expires_at), 0) "
        "FROM head CROSS JOIN dnc d ON d.phone = head.n "
        "WHERE d.scope >= 16 AND d.expires_at > ?3 AND (d.scope = 16 OR "
        "d.scope = 17 + (?4 = 1) OR (d.scope = 19 AND d.campaign = ?2))",
    [OD__SQL_DNC_SCAN] =
        "SELECT id, phone, scope, campaign, attempt, added_at, expires_at, "
        "reason, source FROM dnc WHERE id > ?1 ORDER BY id LIMIT ?2",
    [OD__SQL_DNC_REMOVE] =
        "DELETE FROM dnc WHERE phone = ?1 AND scope = ?2 AND campaign = ?3",
    [OD__SQL_DNC_RELEASE] =
        "DELETE FROM dnc WHERE phone = ?1 AND scope < 16 AND source = ?2",

    [OD__SQL_CONSENT_FIND] =
        "SELECT id FROM consent WHERE phone = ?1 AND kind = ?2 AND "
        "purpose = ?3 AND obtained_at = ?4 AND seller = ?5",
    [OD__SQL_CONSENT_ADD] =
        "INSERT INTO consent (phone, kind, purpose, obtained_at, added_at, "
        "revoked_at, seller, how, text, reference, who, sha256) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11)",
    [OD__SQL_CONSENT_REVOKE] = "UPDATE consent SET revoked_at = ?2 "
                               "WHERE phone = ?1 AND revoked_at = 0",
    [OD__SQL_CONSENT_REVOKE_SELLER] =
        "UPDATE consent SET revoked_at = ?2 "
        "WHERE phone = ?1 AND revoked_at = 0 AND seller = ?3",
    [OD__SQL_CONSENT_SCAN] = CONSENT "WHERE id > ?1 ORDER BY id LIMIT ?2",
    [OD__SQL_CONSENT_SCAN_PHONE] =
        CONSENT "WHERE phone = ?3 AND id > ?1 ORDER BY id LIMIT ?2",
    [OD__SQL_CONSENT_FACTS] =
        "SELECT k.kind, k.purpose, k.obtained_at FROM campaign c CROSS JOIN "
        "consent k ON k.phone = ?2 AND k.seller = c.seller "
        "WHERE c.id = ?1 AND k.revoked_at = 0",
    [OD__SQL_CONSENT_ERASE] =
        "DELETE FROM consent "
        "WHERE phone = ?1 AND revoked_at <> 0 AND revoked_at < ?2",

    [OD__SQL_CAMPAIGN_FIND] = "SELECT id FROM campaign WHERE name = ?1",
    [OD__SQL_CAMPAIGN_ADD] =
        "INSERT INTO campaign (" CAMPAIGN_OPTIONS ", state, state_text, "
        "started_at, filled, fill_at, fill_phone) "
        "VALUES (" CAMPAIGN_VALUES ", 0, '', 0, 0, 0, 0)",
    [OD__SQL_CAMPAIGN_SET] = "UPDATE campaign SET (" CAMPAIGN_OPTIONS
                             ") = (" CAMPAIGN_VALUES ") WHERE id = ?44",
    [OD__SQL_CAMPAIGN_GET] =
        "SELECT " CAMPAIGN_OPTIONS ", state, state_text, started_at, filled "
        "FROM campaign WHERE id = ?1",
    [OD__SQL_CAMPAIGN_SCAN] =
        "SELECT id FROM campaign WHERE id > ?1 ORDER BY id LIMIT ?2",
    [OD__SQL_CAMPAIGN_CHANNEL] = "SELECT channel FROM campaign WHERE id = ?1",
    [OD__SQL_CAMPAIGN_STATE_GET] = "SELECT state FROM campaign WHERE id = ?1",
    [OD__SQL_CAMPAIGN_STATE_SET] =
        "UPDATE campaign SET state = ?2, state_text = ?3 WHERE id = ?1",
    [OD__SQL_CAMPAIGN_GROUPS] = "SELECT group_id FROM campaign_group "
                                "WHERE campaign = ?1 ORDER BY at LIMIT 32",
    [OD__SQL_CAMPAIGN_GROUP_ADD] =
        "INSERT INTO campaign_group (campaign, at, group_id) "
        "VALUES (?1, ?2, ?3)",
    [OD__SQL_CAMPAIGN_GROUPS_REMOVE] =
        "DELETE FROM campaign_group WHERE campaign = ?1",
    [OD__SQL_CAMPAIGN_PROMPTS] = "SELECT media FROM campaign_prompt "
                                 "WHERE campaign = ?1 ORDER BY at LIMIT 16",
    [OD__SQL_CAMPAIGN_PROMPT_ADD] =
        "INSERT INTO campaign_prompt (campaign, at, media) "
        "VALUES (?1, ?2, ?3)",
    [OD__SQL_CAMPAIGN_PROMPTS_REMOVE] =
        "DELETE FROM campaign_prompt WHERE campaign = ?1",
    [OD__SQL_CAMPAIGN_WINDOWS] =
        "SELECT days, start_min, end_min FROM campaign_window "
        "WHERE campaign = ?1 ORDER BY at LIMIT 32",
    [OD__SQL_CAMPAIGN_WINDOW_ADD] =
        "INSERT INTO campaign_window (campaign, at, days, start_min, end_min) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
    [OD__SQL_CAMPAIGN_WINDOWS_REMOVE] =
        "DELETE FROM campaign_window WHERE campaign = ?1",
    [OD__SQL_CAMPAIGN_RETRIES] =
        "SELECT disposition, delay_s, attempts_max FROM campaign_retry "
        "WHERE campaign = ?1 ORDER BY disposition LIMIT 16",
    [OD__SQL_CAMPAIGN_RETRY_ADD] =
        "INSERT INTO campaign_retry (campaign, disposition, delay_s, "
        "attempts_max) VALUES (?1, ?2, ?3, ?4)",
    [OD__SQL_CAMPAIGN_RETRIES_REMOVE] =
        "DELETE FROM campaign_retry WHERE campaign = ?1",
    [OD__SQL_CAMPAIGNS_OF_GROUP] =
        "SELECT DISTINCT campaign FROM campaign_group WHERE group_id = ?1",
    [OD__SQL_CAMPAIGNS_LIVE_OF_GROUP] =
        "SELECT DISTINCT g.campaign FROM campaign_group g CROSS JOIN "
        "campaign c ON c.id = g.campaign WHERE g.group_id = ?1 AND "
        "c.state BETWEEN 1 AND 3",
    [OD__SQL_CAMPAIGNS_READY] =
        "SELECT campaign FROM counter WHERE kind = 1 AND value > 0",

    [OD__SQL_FILL_GET] =
        "SELECT filled, fill_at, fill_phone, fill_anew FROM campaign "
        "WHERE id = ?1",
    [OD__SQL_FILL_GROUP_NEXT] =
        "SELECT at, group_id FROM campaign_group "
        "WHERE campaign = ?1 AND at >= ?2 ORDER BY at LIMIT 1",
    [OD__SQL_FILL_SET] = "UPDATE campaign SET filled = ?2, fill_at = ?3, "
                         "fill_phone = ?4 WHERE id = ?1",
    [OD__SQL_FILL_RESTART] =
        "UPDATE campaign SET fill_at = 0, fill_phone = 0 WHERE id = ?1",
    [OD__SQL_FILL_BEGIN] = "UPDATE campaign SET filled = 0, fill_at = 0, "
                           "fill_phone = 0, fill_anew = 0, started_at = ?2 "
                           "WHERE id = ?1",
    [OD__SQL_FILL_AGAIN] =
        "UPDATE campaign SET fill_anew = max(fill_anew, filled), filled = 0, "
        "fill_at = 0, fill_phone = 0 WHERE id = ?1",

    [OD__SQL_TARGET_ADD] =
        "INSERT INTO target (campaign, phone, contact, place, state, reason, "
        "attempts, disposition, lane, due_at) "
        "VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0, ?5, ?6) "
        "ON CONFLICT (campaign, phone) DO NOTHING",
    [OD__SQL_TARGET_GET] = "SELECT " TARGET " FROM target t "
                           "WHERE t.campaign = ?1 AND t.phone = ?2",
    [OD__SQL_TARGET_SET] =
        "UPDATE target SET contact = ?3, place = ?4, state = ?5, reason = ?6, "
        "attempts = ?7, disposition = ?8, lane = ?9, due_at = ?10, "
        "tries = ?11 WHERE campaign = ?1 AND phone = ?2",
    [OD__SQL_TARGET_REMOVE] =
        "DELETE FROM target WHERE campaign = ?1 AND phone = ?2",
    [OD__SQL_TARGETS_OF_CONTACT] =
        "SELECT t.campaign FROM campaign c CROSS JOIN target t "
        "ON t.campaign = c.id AND t.phone = ?1 WHERE t.contact = ?2",
    [OD__SQL_TARGETS_OF_PHONE] =
        "SELECT t.campaign FROM campaign c CROSS JOIN target t "
        "ON t.campaign = c.id AND t.phone = ?1",
    [OD__SQL_TARGETS_BLOCKED] =
        "SELECT t.campaign FROM campaign c CROSS JOIN target t "
        "ON t.campaign = c.id AND t.phone = ?1 "
        "WHERE t.state = 3 AND t.reason = ?2",
    [OD__SQL_TARGETS_AGREE] =
        "SELECT t.campaign FROM campaign c CROSS JOIN target t "
        "ON t.campaign = c.id AND t.phone = ?1 "
        "WHERE t.state = 3 AND t.reason IN (15, 16, 18, 19)",
    [OD__SQL_TARGETS_BLOCKED_PAGE] =
        "SELECT t.phone FROM target t WHERE t.campaign = ?1 AND t.phone > ?2 "
        "AND t.phone <= ?3 AND t.state = 3 AND t.reason = 3 "
        "ORDER BY t.phone LIMIT ?4",
    [OD__SQL_TARGET_SCAN] = "SELECT " TARGET ", " FACTS(
        "t.phone",
        "t.campaign") " FROM target t "
                      "LEFT JOIN line l ON l.phone = t.phone WHERE t.campaign "
                      "= ?1 AND t.phone > ?2 ORDER BY t.phone LIMIT ?4",

    [OD__SQL_LANE_DUE] = "SELECT " TARGET ", " FACTS(
        "t.phone",
        "t.campaign") " FROM target t "
                      "LEFT JOIN line l ON l.phone = t.phone WHERE t.campaign "
                      "= ?1 AND "
                      "t.lane = ?2 AND t.state = 0 AND t.due_at <= ?3 "
                      "ORDER BY t.due_at, t.phone LIMIT ?4",
    [OD__SQL_LANE_NEXT] =
        "SELECT t.due_at FROM target t WHERE t.campaign = ?1 AND t.lane = ?2 "
        "AND t.state = 0 ORDER BY t.due_at LIMIT 1",
    [OD__SQL_LANE_SCAN] =
        "SELECT n.lane, n.ready, coalesce((SELECT t.due_at FROM target t "
        "WHERE t.campaign = n.campaign AND t.lane = n.lane AND t.state = 0 "
        "ORDER BY t.due_at LIMIT 1), 9223372036854775807) FROM lane_counter n "
        "WHERE n.campaign = ?1 AND n.lane > ?2 AND n.ready > 0 "
        "ORDER BY n.lane LIMIT ?3",
    [OD__SQL_LANE_ADD] =
        "INSERT INTO lane_counter (campaign, lane, ready) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (campaign, lane) DO UPDATE SET ready = ready + ?3",
    [OD__SQL_COUNTER_ADD] =
        "INSERT INTO counter (campaign, kind, value) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (campaign, kind) DO UPDATE SET value = value + ?3",
    [OD__SQL_COUNTER_SCAN] =
        "SELECT kind, value FROM counter WHERE campaign = ?1",
    [OD__SQL_PACE_ADD] =
        "INSERT INTO pace (campaign, minute, calls, calls_before) "
        "VALUES (?1, ?2, ?3, 0) ON CONFLICT (campaign) DO UPDATE SET "
        "calls_before = CASE ?2 - minute WHEN 0 THEN calls_before "
        "WHEN 1 THEN calls ELSE 0 END, "
        "calls = CASE ?2 - minute WHEN 0 THEN calls + ?3 ELSE ?3 END, "
        "minute = ?2",
    [OD__SQL_PACE_GET] =
        "SELECT minute, calls, calls_before FROM pace WHERE campaign = ?1",
    [OD__SQL_CANDIDATE] =
        "SELECT ?1, ?2, coalesce(t.contact, 0), coalesce(t.place, 0), "
        "coalesce(t.state, 0), coalesce(t.reason, 0), "
        "coalesce(t.attempts, 0), coalesce(t.disposition, 0), "
        "coalesce(t.due_at, 0), coalesce(t.tries, 0), " FACTS(
            "?2", "?1") " FROM (SELECT 1) LEFT JOIN target t "
                        "ON t.campaign = ?1 AND t.phone = ?2 LEFT JOIN line l "
                        "ON l.phone = ?2",

    [OD__SQL_FLIGHT_ADD] =
        "INSERT INTO flight (phone, attempt, campaign, contact, claimed_at, "
        "answered_at, caller_id, channel, notice, reply, encoding, segments, "
        "attempts_before, session_id, trunk, text) VALUES (?1, ?2, ?3, ?4, "
        "?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [OD__SQL_FLIGHT_GET] = FLIGHT "WHERE phone = ?1",
    [OD__SQL_FLIGHT_ANSWERED] = "UPDATE flight SET answered_at = ?3 "
                                "WHERE phone = ?1 AND attempt = ?2",
    [OD__SQL_FLIGHT_REMOVE] = "DELETE FROM flight WHERE phone = ?1",
    [OD__SQL_FLIGHT_SCAN] =
        FLIGHT "WHERE attempt > ?1 ORDER BY attempt LIMIT ?2",
    [OD__SQL_LINE_SET] =
        "INSERT INTO line (phone, attempt, called_at, answered_at, invalid, "
        "recent) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
        "ON CONFLICT (phone) DO UPDATE SET attempt = ?2, "
        "called_at = CASE ?3 WHEN 0 THEN called_at ELSE ?3 END, "
        "answered_at = CASE ?4 WHEN 0 THEN answered_at ELSE ?4 END, "
        "invalid = max(invalid, ?5), recent = CASE ?6 WHEN '' THEN recent "
        "ELSE substr(?6 || recent, 1, 656) END",
    [OD__SQL_LINE_LINK] = "UPDATE line SET attempt = ?2 WHERE phone = ?1",
    [OD__SQL_LINE_INVALID] = "UPDATE line SET invalid = 1 WHERE phone = ?1",
    [OD__SQL_LINE_RECENT] =
        "UPDATE line SET recent = coalesce((" CHAIN_OF "?1" CHAIN_AFTER "0) "
        "SELECT group_concat(printf('%d %d ', at, campaign), '') FROM (SELECT "
        "coalesce(a.claimed_at, m.claimed_at) AS at, "
        "coalesce(a.campaign, m.campaign) AS campaign FROM chain "
        "LEFT JOIN attempt a ON a.id = link "
        "LEFT JOIN message m ON m.attempt = link "
        "WHERE coalesce(a.reached_network, m.reached_network) "
        "ORDER BY link DESC LIMIT 16)), '') WHERE phone = ?1",
    [OD__SQL_LINE_REMOVE] = "DELETE FROM line WHERE phone = ?1",
    [OD__SQL_ATTEMPT_CAMPAIGN] =
        "SELECT campaign FROM flight WHERE phone = ?1 AND attempt = ?2 "
        "UNION ALL SELECT campaign FROM attempt WHERE id = ?2 "
        "UNION ALL SELECT campaign FROM message WHERE attempt = ?2",
    [OD__SQL_ATTEMPT_ADD] =
        "INSERT INTO attempt (before, id, campaign, contact, phone, "
        "claimed_at, answered_at, ended_at, talk_ms, heard_ms, disposition, "
        "sip_status, fault, survey_done, reached_network, caller_id, "
        "session_id, sip_call_id, trunk) VALUES (coalesce((SELECT l.attempt "
        "FROM line l WHERE l.phone = ?4), 0), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
        "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    [OD__SQL_ATTEMPT_SCAN] =
        ATTEMPT_OF "attempt" ATTEMPT_WHERE "1 ORDER BY id LIMIT ?2",
    [OD__SQL_ATTEMPT_SCAN_CAMPAIGN] =
        ATTEMPT_OF "attempt" ATTEMPT_WHERE "campaign = ?6 ORDER BY id LIMIT ?2",
    [OD__SQL_ATTEMPT_SCAN_PHONE] = CHAIN_OF
    "?7" CHAIN_AFTER "?1) " ATTEMPT_OF
    "chain CROSS JOIN attempt ON id = link" ATTEMPT_WHERE
    "phone = ?7 AND (?6 = 0 OR +campaign = ?6) ORDER BY id LIMIT ?2",
    [OD__SQL_ATTEMPT_CHAIN] = CHAIN_OF
    "?1" CHAIN_AFTER "0) SELECT link FROM chain ORDER BY link DESC",
    [OD__SQL_ATTEMPT_ENDED] =
        "SELECT ended_at, 0 FROM attempt WHERE id = ?1 "
        "UNION ALL SELECT ended_at, 1 FROM message WHERE attempt = ?1",
    [OD__SQL_ATTEMPT_LINK] = "UPDATE attempt SET before = ?2 WHERE id = ?1",
    [OD__SQL_ATTEMPT_ERASE] =
        "UPDATE attempt SET phone = 0, contact = 0, before = 0, "
        "session_id = '', sip_call_id = '' WHERE id = ?1",

    [OD__SQL_MESSAGE_ADD] =
        "INSERT INTO message (before, attempt, campaign, contact, reply, "
        "phone, caller_id, notice, encoding, segments, disposition, status, "
        "fault, reached_network, delivery, attempts_before, claimed_at, "
        "ended_at, delivery_at, open_until, session_id, trunk, text, "
        "network_code, parts, network_ids) VALUES (coalesce((SELECT l.attempt "
        "FROM line l WHERE l.phone = ?5), 0), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
        "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, "
        "'', ?23, ?24)",
    [OD__SQL_MESSAGE_GET] = MESSAGE_OF("message m") "WHERE m.attempt = ?1",
    [OD__SQL_MESSAGE_SET] =
        "UPDATE message SET disposition = ?2, delivery = ?3, "
        "delivery_at = ?4, open_until = ?5, network_code = ?6, parts = ?7 "
        "WHERE attempt = ?1",
    [OD__SQL_MESSAGE_LIVE] =
        MESSAGE_FLIGHT MESSAGE_TARGET " FROM flight m" JOIN_TARGET
                                      "WHERE m.phone = ?1 AND m.channel = 1",
    [OD__SQL_MESSAGE_SCAN] = MESSAGE_OF(
        "message m") MESSAGE_WHERE "1 ORDER BY m.attempt LIMIT ?2",
    [OD__SQL_MESSAGE_SCAN_CAMPAIGN] = MESSAGE_OF("message m")
        MESSAGE_WHERE "m.campaign = ?6 ORDER BY m.attempt LIMIT ?2",
    [OD__SQL_MESSAGE_SCAN_PHONE] =
        CHAIN_OF "?7" CHAIN_AFTER "?1) " MESSAGE_OF(
            "chain CROSS JOIN message m ON m.attempt = link") MESSAGE_WHERE
        "m.phone = ?7 AND (?6 = 0 OR +m.campaign = ?6) "
        "ORDER BY m.attempt LIMIT ?2",
    [OD__SQL_MESSAGE_FIND] =
        MESSAGE MESSAGE_TARGET ", p.part FROM message_part p CROSS JOIN "
                               "message m ON m.attempt = p.attempt" JOIN_TARGET
                               "WHERE p.network_id = ?1 AND p.trunk = ?2",
    [OD__SQL_MESSAGE_LAST] =
        CHAIN_OF "?1" CHAIN_AFTER "0) " MESSAGE_OF(
            "chain CROSS JOIN message m ON m.attempt = link") "WHERE "
        "m.phone = ?1 AND m.notice = 0 AND (?2 = 0 OR m.caller_id = ?2) "
        "ORDER BY m.attempt DESC LIMIT 1",
    /* Did the campaign try the phone again after this attempt? */
    [OD__SQL_MESSAGE_LATER] =
        CHAIN_OF "?1" CHAIN_AFTER "?2) SELECT link FROM chain "
        "LEFT JOIN attempt a ON a.id = link "
        "LEFT JOIN message m ON m.attempt = link WHERE link > ?2 AND "
        "coalesce(a.campaign, m.campaign) = ?3 AND coalesce(m.notice, 0) = 0 "
        "LIMIT 1",
    [OD__SQL_MESSAGE_OVERDUE] = MESSAGE_OF(
        "message m") "WHERE m.delivery IN (1, 2) AND m.open_until <= ?1 "
                     "ORDER BY m.open_until, m.attempt LIMIT ?2",
    [OD__SQL_MESSAGE_SENT] =
        "SELECT attempt FROM message WHERE attempt = ?1 AND phone = ?2 AND "
        "campaign <> 0 AND (delivery <> 0 OR disposition = 10)",
    [OD__SQL_MESSAGE_LINK] =
        "UPDATE message SET before = ?2 WHERE attempt = ?1",
    [OD__SQL_MESSAGE_IDS] =
        "SELECT trunk, network_ids FROM message WHERE attempt = ?1",
    [OD__SQL_MESSAGE_ERASE] =
        "UPDATE message SET phone = 0, contact = 0, before = 0, "
        "session_id = '', text = '', network_ids = x'' WHERE attempt = ?1",
    [OD__SQL_MESSAGE_PART_ADD] =
        "INSERT INTO message_part (attempt, part, network_id, trunk) "
        "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (network_id, trunk) DO UPDATE "
        "SET attempt = ?1, part = ?2",
    [OD__SQL_MESSAGE_PART_REMOVE] =
        "DELETE FROM message_part WHERE network_id = ?2 AND trunk = ?3 AND "
        "attempt = ?1",

    [OD__SQL_REPLY_FIND] = "SELECT id FROM reply WHERE nonce = ?1",
    [OD__SQL_REPLY_ADD] =
        "INSERT INTO reply (nonce, campaign, attempt, contact, phone, "
        "to_phone, utc_ms, kind, owed, owed_until, answered, trunk, "
        "network_id, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "0, ?11, ?12, ?13)",
    [OD__SQL_REPLY_GET] = REPLY "WHERE id = ?1",
    [OD__SQL_REPLY_SCAN] = REPLY REPLY_WHERE "1 ORDER BY id LIMIT ?2",
    [OD__SQL_REPLY_SCAN_CAMPAIGN] =
        REPLY REPLY_WHERE "campaign = ?5 ORDER BY id LIMIT ?2",
    [OD__SQL_REPLY_SCAN_PHONE] =
        REPLY REPLY_WHERE "(?5 = 0 OR +campaign = ?5) AND phone = ?6 "
                          "ORDER BY id LIMIT ?2",
    [OD__SQL_REPLY_OWED] = REPLY "WHERE owed <> 0 AND owed_until > ?1 AND "
                                 "id > ?2 ORDER BY +id LIMIT ?3",
    [OD__SQL_REPLY_OPT_OUT] = "UPDATE reply SET kind = ?2 WHERE id = ?1",
    [OD__SQL_REPLY_OWE] =
        "UPDATE reply SET owed = ?2, owed_until = ?3 WHERE id = ?1",
    [OD__SQL_REPLY_OWE_AGAIN] =
        "UPDATE reply SET owed = ?2, owed_until = ?3, answered = 0 "
        "WHERE id = ?1 AND owed = 0",
    [OD__SQL_REPLY_ANSWERED] =
        "UPDATE reply SET owed = 0, owed_until = 0, answered = ?2 "
        "WHERE id = ?1",
    [OD__SQL_REPLIES_ERASE] =
        "UPDATE reply SET phone = 0, contact = 0, network_id = '', text = '', "
        "owed = 0, owed_until = 0 WHERE phone = ?1 AND utc_ms < ?2",

    [OD__SQL_ANSWER_ADD] =
        "INSERT INTO answer (campaign, attempt, phone, utc_ms, visit, "
        "channel, question, digits, choice) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
        "ON CONFLICT (attempt, question, visit) DO NOTHING",
    [OD__SQL_ANSWER_SCAN] =
        "SELECT id, campaign, attempt, phone, utc_ms, visit, question, "
        "digits, choice FROM answer WHERE campaign = ?1 AND id > ?2 "
        "ORDER BY id LIMIT ?3",
    [OD__SQL_ANSWERS_ERASE] =
        "UPDATE answer SET phone = 0, digits = '', choice = '' "
        "WHERE attempt = ?1 AND utc_ms < ?2",
    [OD__SQL_ANSWERS_ERASE_PHONE] =
        "UPDATE answer SET phone = 0, digits = '', choice = '' "
        "WHERE phone = ?1 AND channel = 1 AND utc_ms < ?2",
    [OD__SQL_RESULT_ADD] =
        "INSERT INTO result (campaign, first, question, choice, answers) "
        "VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT (campaign, question, choice) "
        "DO UPDATE SET answers = answers + 1",
    [OD__SQL_RESULT_SCAN] = "SELECT answers, question, choice FROM result "
                            "WHERE campaign = ?1 ORDER BY first",

    [OD__SQL_ASSET_FIND] = "SELECT id FROM asset WHERE kind = ?1 AND name = ?2",
    [OD__SQL_ASSET_ADD] =
        "INSERT INTO asset (kind, measure, name, sha256, bytes) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
    [OD__SQL_ASSET_GET] =
        "SELECT id, kind, measure, name, sha256, length(bytes), bytes "
        "FROM asset WHERE id = ?1 AND kind = ?2",
    [OD__SQL_ASSET_SCAN] =
        "SELECT id, kind, measure, name, sha256, length(bytes) FROM asset "
        "WHERE id > ?1 AND +kind = ?2 ORDER BY id LIMIT ?3",
    [OD__SQL_ASSET_REMOVE] = "DELETE FROM asset WHERE id = ?1 AND kind = ?2",

    [OD__SQL_LEDGER_HEAD] =
        "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
    [OD__SQL_LEDGER_ADD] =
        "INSERT INTO ledger (seq, utc_ms, subject, kind, payload, salt, hash) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [OD__SQL_LEDGER_SCAN] =
        "SELECT seq, utc_ms, subject, kind, payload, salt, hash, digest "
        "FROM ledger WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    [OD__SQL_LEDGER_GET] =
        "SELECT payload, salt FROM ledger WHERE seq = ?1 AND digest IS NULL",
    [OD__SQL_LEDGER_ERASE] = "UPDATE ledger SET payload = '', "
                             "salt = zeroblob(16), digest = ?2 WHERE seq = ?1",
};

const char *od__sql_text(od__sql sql)
{
    return texts[sql];
}

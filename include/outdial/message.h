/*
 * message.h - texts: how long they are, templates, what people reply.
 *
 * Nothing here sends anything: a campaign does, and delivery.h tells what
 * became of it. This tells what a text would cost before somebody pays for it,
 * what a template becomes for each contact, and whether a reply asks to be left
 * alone.
 *
 * A text goes out in septets of the GSM alphabet, 160 in a single segment and
 * 153 in each of several, or, if one character is not in that alphabet, in
 * UTF-16 units, 70 and 67. Carriers bill segments: one emoji in the name of a
 * contact can more than double what that text costs.
 *
 * A template has fields in double braces. {{first_name}} stands for what the
 * contact has in that field, {{first_name|there}} for "there" where that is
 * empty. {{{{ is a literal {{, and }}}} a literal }}. There is no more to it:
 * no code, no conditions, no fields within fields. Fields are phone first_name
 * last_name email company notes timezone state zip phone2 phone3 line, in any
 * case of letters, and the custom fields, spelled as they are stored.
 *
 * Source: 3GPP TS 23.038 (alphabets), TS 23.040 9.2.3.24 (concatenation).
 */
#ifndef OUTDIAL_MESSAGE_H
#define OUTDIAL_MESSAGE_H

#include <outdial/base.h>

OD_BEGIN_DECLS

/** Longest text and longest template, in bytes before the NUL. */
#define OD_MESSAGE_MAX 4095

/** Most segments of a text that is not refused. */
#define OD_SEGMENTS_MAX 10

/** Most different fields of a template. */
#define OD_TEMPLATE_FIELDS_MAX 64

/** How many of the longest texts a report names. */
#define OD_LONGEST_MAX 10

/** What became of a text that was handed to the network. Numbers are stored:
 * append only. */
typedef enum od_delivery {
    OD_DELIVERY_NONE = 0,      /**< the network did not take it, or has not
                                    answered yet */
    OD_DELIVERY_ACCEPTED = 1,  /**< it took it */
    OD_DELIVERY_SENT = 2,      /**< it is on its way */
    OD_DELIVERY_DELIVERED = 3, /**< the handset has it */
    OD_DELIVERY_FAILED = 4,    /**< it could not be delivered */
    OD_DELIVERY_EXPIRED = 5,   /**< not within validity_s */
    OD_DELIVERY_UNKNOWN = 6    /**< nothing was heard of it in time, or the
                                    network tells nothing; a late
                                    receipt still counts */
} od_delivery;
#define OD_DELIVERIES 7

/** Name such as "delivered"; "?" for unknown values. Thread: any. */
OD_API const char *od_delivery_name(int32_t delivery);

/* -- how long a text is --------------------------------------------------- */

typedef enum od_text_encoding {
    OD_TEXT_ENCODING_GSM = 1, /**< septets of the GSM default alphabet */
    OD_TEXT_ENCODING_UCS2 = 2 /**< UTF-16 units; surrogate pairs are two */
} od_text_encoding;

/** What to do with a text that is too long. */
typedef enum od_text_policy {
    OD_TEXT_POLICY_SPLIT = 0,  /**< into up to segments_max segments; what is
                                    longer is refused */
    OD_TEXT_POLICY_REFUSE = 1, /**< more than one segment is refused */
    OD_TEXT_POLICY_CUT = 2     /**< cut at a word, to segments_max segments */
} od_text_policy;

typedef struct od_text_options {
    size_t size;          /**< od_text_options_init() sets it */
    int32_t policy;       /**< od_text_policy */
    int32_t segments_max; /**< 1 to OD_SEGMENTS_MAX; 0: OD_SEGMENTS_MAX with
                               SPLIT, 1 with the others; REFUSE takes no other
                               than 1 */
    bool transliterate;   /**< write curly quotes, dashes, accents and the like
                               with characters of the GSM alphabet, where that
                               makes the whole text one of septets; a text that
                               needs UCS-2 anyway, or would get longer than
                               OD_MESSAGE_MAX, stays as it is */
    uint8_t reserved0[7];
} od_text_options;

static inline void od_text_options_init(od_text_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/** A text as it would go out. */
typedef struct od_text_info {
    int32_t encoding;      /**< od_text_encoding */
    int32_t segments;      /**< what carriers bill; 0: the text is empty */
    int32_t units;         /**< septets or UTF-16 units of all segments */
    int32_t segment_units; /**< room of each segment: 160, 153, 70 or 67. A
                                pair of units is not torn apart: a segment may
                                hold one less */
    int32_t last_units;    /**< units of the last segment */
    int32_t characters;    /**< Unicode characters */
    int32_t changed;       /**< characters that were transliterated */
    int32_t ucs2_code;     /**< code point of the first character that forces
                                UCS-2; 0: there is none */
    int32_t ucs2_at;       /**< which character of the text that is, counted
                                from 1; 0: none */
    int32_t ucs2_byte;     /**< in which byte of it that begins, from 0 */
    bool cut;              /**< it was longer */
    bool refused;          /**< it is too long: the figures and the text are
                                those of all of it */
    uint8_t reserved0[2];
    char ucs2_text[8];     /**< that character, UTF-8; "": none */
    char text[OD_MESSAGE_MAX + 1]; /**< as it would go out, UTF-8 */
} od_text_info;

/** Names "gsm" and "ucs2"; "?" for unknown values. Thread: any. */
OD_API const char *od_text_encoding_name(int32_t encoding);

/**
 * Find out how a text would go out, and in how many segments.
 *
 * That a text is too long is an answer, not an error: see `refused`. A text is
 * cut at the last white space that fits, which is left out; if that would take
 * away half of what fits, within the word. What comes first in a text decides:
 * if the character that forces UCS-2 is cut off, the rest is one of septets.
 *
 * @param text    [in]  UTF-8, at most OD_MESSAGE_MAX bytes
 * @param options [in]  NULL: the defaults
 * @param out     [out] the text after transliterating and cutting, and figures
 * @param errmsg  [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID  text or out is NULL, the text is no UTF-8 or too
 *                         long, or an option breaks its contract
 *         OD_ERR_VERSION  options of a newer version
 *
 * Thread: any.  Source: 3GPP TS 23.038 6.2.1, 6.2.1.1, 6.2.3.
 */
OD_API od_err od_text_measure(const char *text, const od_text_options *options,
                              od_text_info *out, od_errmsg *errmsg);

/* -- templates ------------------------------------------------------------ */

/** A field that a template names. */
typedef struct od_template_field {
    char name[OD_NAME_MAX + 1]; /**< as it is written there first */
    int64_t empty;     /**< contacts who have nothing but blanks in it, or no
                            such field */
    int32_t at;        /**< the first character of its first {{, from 1 */
    bool known;        /**< a field of every contact, or a custom field of at
                            least one of those looked at */
    bool has_default;  /**< wherever the template names it */
    uint8_t reserved0[2];
} od_template_field;

/** What a template becomes for the contacts of a group. */
typedef struct od_template_report {
    int64_t contacts;  /**< looked at: the sum of by_segments and refused */
    int64_t segments;  /**< of all texts that are not refused, together */
    int64_t ucs2;      /**< contacts whose text needs UCS-2, refused ones too */
    int64_t cut;       /**< contacts whose text is cut */
    int64_t refused;   /**< contacts whose text is too long */
    int64_t lacking;   /**< contacts with an empty field that has no default */
    int64_t fields_unknown; /**< fields that no contact has; see
                                 od_template_fields() */
    od_id ucs2_contact;     /**< the first whose text needs UCS-2; 0: none */
    int64_t by_segments[OD_SEGMENTS_MAX + 1]; /**< contacts whose text has that
                                                   many segments; 0: nothing is
                                                   left of it */
    od_id longest[OD_LONGEST_MAX]; /**< contacts with the longest texts, the
                                        longest first; 0: no more */
} od_template_report;

/**
 * Render a template for every contact of a group and add up what that costs.
 *
 * Nothing is stored. Of equally long texts the contact with the lower id comes
 * first in `longest`; od_template_preview() shows them.
 *
 * @param text    [in]  the template, UTF-8, at most OD_MESSAGE_MAX bytes
 * @param group   [in]  0: all contacts
 * @param options [in]  NULL: the defaults
 * @return OD_OK, or
 *         OD_ERR_INVALID    an argument breaks its contract
 *         OD_ERR_VERSION    options of a newer version
 *         OD_ERR_FORMAT     not a template: the text of the failure names the
 *                           character, the field and the cure
 *         OD_ERR_NOT_FOUND  no such group
 *
 * Blocks: reads every contact of the group, a few seconds for a million.
 */
OD_API od_err od_template_check(od_engine *engine, const char *text,
                                od_id group, const od_text_options *options,
                                od_template_report *out);

/**
 * List the fields that a template names, and for how many contacts of a group
 * each is empty. In the order in which they are first named.
 *
 * @param text     [in]  the template
 * @param group    [in]  0: all contacts
 * @param rows     [out] room for rows_max rows
 * @param rows_max [in]  1 to 1000
 * @param count    [out] how many there are, also beyond rows_max; at most
 *                       OD_TEMPLATE_FIELDS_MAX
 *
 * Errors and blocking: as od_template_check().
 */
OD_API od_err od_template_fields(od_engine *engine, const char *text,
                                 od_id group, od_template_field *rows,
                                 size_t rows_max, size_t *count);

/**
 * Render a template for one contact and measure what comes out.
 *
 * @param text    [in]  the template
 * @param contact [in]  whose fields it takes
 * @param options [in]  NULL: the defaults
 * @return OD_OK, or
 *         OD_ERR_INVALID    an argument breaks its contract
 *         OD_ERR_VERSION    options of a newer version
 *         OD_ERR_FORMAT     not a template, as od_template_check()
 *         OD_ERR_NOT_FOUND  no such contact
 *         OD_ERR_LIMIT      the text has more than OD_MESSAGE_MAX bytes
 */
OD_API od_err od_template_preview(od_engine *engine, const char *text,
                                  od_id contact, const od_text_options *options,
                                  od_text_info *out);

/* -- replies -------------------------------------------------------------- */

/** What a reply asks for. */
typedef enum od_reply_kind {
    OD_REPLY_OTHER = 0,   /**< for a person to read */
    OD_REPLY_OPT_OUT = 1, /**< no more texts: "STOP", "Stop. Thank you" */
    OD_REPLY_START = 2,   /**< texts again: "START", "UNSTOP" */
    OD_REPLY_HELP = 3     /**< "HELP", "INFO" */
} od_reply_kind;

/** For od_reply_classify(): bits. */
typedef enum od_reply_flag {
    OD_REPLY_YES_STARTS = 1 /**< "YES" is START: the person was asked whether
                                 to get texts again */
} od_reply_flag;

/**
 * Tell what a reply asks for, by the words that law and carriers fix.
 *
 * Case, punctuation, symbols, accents, full-width and other compatibility
 * forms make no difference. START and HELP are whole messages only. An opt-out
 * is the word alone, with courtesies ("please", "thank you"), or, of those
 * words that have no other meaning, with what they refer to ("stop texting
 * me"), or as a sentence of its own in front of others ("Stop. I never signed
 * up"). Anything else is OTHER, also if it asks for the same in words of its
 * own: such requests must be honoured too (47 CFR 64.1200(a)(10)), and only a
 * person can tell. docs/guide/messages.md has the rule and the words.
 *
 * @param text  [in] the reply; bytes that are no UTF-8 belong to no word. NULL
 *                   is OTHER
 * @param flags [in] bits of od_reply_flag; others are ignored
 *
 * Thread: any.  Source: 47 CFR 64.1200(a)(10); CTIA Messaging Principles and
 * Best Practices, May 2023.
 */
OD_API od_reply_kind od_reply_classify(const char *text, int32_t flags);

/** Name such as "opt_out"; "?" for unknown values. Thread: any. */
OD_API const char *od_reply_kind_name(int32_t kind);

OD_END_DECLS

#endif

/*
 * survey.h - questions that are asked after the prompts, and their answers.
 *
 * A survey is written in a small text format, the same for files and for this
 * API. One directive a line, '#' begins a comment, indentation is free:
 *
 *     survey Satisfaction
 *     question happy               # the first question is asked first
 *       play ask_happy             # prompts of the media library, in order
 *       key 1 Yes -> why           # digit, label, then the next question
 *       key 2 No -> why
 *       key 9 "Stop calling" optout
 *       tries 3                    # times it is asked, 1 to 9; default 3
 *       timeout 5s                 # for the first digit; default 5s
 *       invalid say_again          # prompt after a wrong key
 *       silence still_there        # prompt after no key
 *       barge_in no                # default yes: a key stops the prompt
 *     question why
 *       play ask_why
 *       digits 1-3                 # a number of 1 to 3 digits instead of keys
 *       range 1 100                # refused outside; optional
 *       gap 3s                     # between digits; default 3s; '#' ends
 *       next -> end                # default: the question that follows
 *     end goodbye                  # prompts played before hanging up
 *     failed sorry                 # prompts when the tries are used up
 *
 * Targets of "->" are names of questions or "end". A key line may say
 * "hangup" or "optout" in place of "-> name".
 */
#ifndef OUTDIAL_SURVEY_H
#define OUTDIAL_SURVEY_H

#include <outdial/call.h>

OD_BEGIN_DECLS

/** Limits of one survey. */
#define OD_SURVEY_BYTES_MAX 65536
#define OD_QUESTIONS_MAX 64

typedef struct od_survey {
    od_id id;
    int32_t questions;
    int32_t reserved0;
    char name[OD_NAME_MAX + 1]; /**< from the survey line; unique */
} od_survey;

/**
 * Add a survey.
 *
 * Checked whole: names, targets, keys, reachability. Prompts are looked up by
 * name when a campaign starts.
 *
 * @param text     [in]  the definition, UTF-8, needs no NUL
 * @param text_len [in]  1 to OD_SURVEY_BYTES_MAX
 * @param out      [out] id > 0; may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID  NULL, too long, not UTF-8
 *         OD_ERR_FORMAT   the text names the line, the word and the cure
 *         OD_ERR_EXISTS   another survey has this name; the same text again is
 *                         OD_OK
 */
OD_API od_err od_survey_add(od_engine *engine, const char *text,
                            size_t text_len, od_id *out);

/** Read the facts of a survey. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_survey_get(od_engine *engine, od_id survey, od_survey *out);

/** Definition as it was added; lives until the next call on the engine. */
OD_API od_err od_survey_text(od_engine *engine, od_id survey,
                             const char **out);

/** Find a survey by name. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_survey_find(od_engine *engine, const char *name, od_id *out);

/** List surveys by id; paging as od_calls_list(). */
OD_API od_err od_surveys_list(od_engine *engine, od_id after_id,
                              od_survey *rows, size_t rows_max, size_t *count);

/** Remove a survey. OD_ERR_STATE if a campaign uses it. */
OD_API od_err od_survey_remove(od_engine *engine, od_id survey);

/** One answer, stored when it was given. */
typedef struct od_answer {
    od_id id;
    od_id campaign;
    od_id attempt;
    const char *phone;
    const char *question;
    const char *digits; /**< what was pressed */
    const char *choice; /**< label of the key, or the digits */
    int32_t visit;      /**< 1 for the first time it was asked in the call */
    int32_t reserved0;
    int64_t utc_ms;
} od_answer;

/** List answers of a campaign by id; paging as od_calls_list(). */
OD_API od_err od_answers_list(od_engine *engine, od_id campaign,
                              od_id after_id, od_answer *rows, size_t rows_max,
                              size_t *count);

/** Write the answers of a campaign to a CSV file, replacing it. */
OD_API od_err od_answers_export(od_engine *engine, od_id campaign,
                                const char *path);

/** How often one choice of one question was given. */
typedef struct od_result {
    char question[64];
    char choice[64];
    int64_t count;
} od_result;

/**
 * Results per question and choice, in order of first appearance.
 *
 * @param rows_max [in]  room; results beyond it are counted, not written
 * @param count    [out] how many there are
 */
OD_API od_err od_results_get(od_engine *engine, od_id campaign, od_result *rows,
                             size_t rows_max, size_t *count);

OD_END_DECLS

#endif

/*
 * schedule.h - weekly windows and the zones they are read in.
 *
 * A window is a piece of the recipient's local week. The campaign's windows
 * are judged in every zone the number may be in, together with the calling
 * rules of its place; they can only narrow what the rules allow.
 */
#ifndef OUTDIAL_SCHEDULE_H
#define OUTDIAL_SCHEDULE_H

#include <outdial/base.h>

OD_BEGIN_DECLS

/** Days of the week, to be or-ed. */
#define OD_MONDAY 0x01u
#define OD_TUESDAY 0x02u
#define OD_WEDNESDAY 0x04u
#define OD_THURSDAY 0x08u
#define OD_FRIDAY 0x10u
#define OD_SATURDAY 0x20u
#define OD_SUNDAY 0x40u
#define OD_WEEKDAYS 0x1fu
#define OD_EVERY_DAY 0x7fu

/** Most windows of one campaign. */
#define OD_WINDOWS_MAX 32

/** Open from start_min (inclusive) to end_min (exclusive) on each day. */
typedef struct od_window {
    uint32_t days;     /**< OD_MONDAY .. OD_SUNDAY, or-ed; not 0 */
    int32_t start_min; /**< minutes after local midnight, 0 to 1439 */
    int32_t end_min;   /**< minutes after local midnight, start_min+1 to 1440 */
} od_window;

/**
 * Parse a window such as "mon-fri 09:00-17:30", "sat,sun 10-16" or
 * "daily 8:00-24:00".
 *
 * @param text [in]  not NULL; days by three letters in any case, joined by
 *                   ',' and '-'; or "daily", "weekdays", "weekend"
 * @param out  [out] not NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID  NULL argument
 *         OD_ERR_FORMAT   not a window; out is untouched
 *
 * Thread: any.
 */
OD_API od_err od_window_parse(const char *text, od_window *out);

OD_END_DECLS

#endif

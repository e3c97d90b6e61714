/*
 * sim_range.c - which model a number has: that of its longest prefix.
 *
 * The ranges are sorted once, longest first, so that the first one that fits is
 * the one that counts. Called by sim.c only.
 */
#include "transport/transport.h"

#include <inttypes.h>

#define PHONE_DIGITS_MAX 15

static int32_t digits_of(uint64_t number)
{
    int32_t digits = 0;
    for (; number != 0; number /= 10) {
        digits++;
    }
    return digits;
}

uint64_t od__sim_phone_parse(const char *text)
{
    const char *digits = text[0] == '+' ? text + 1 : text;
    size_t len = strspn(digits, "0123456789");
    if (digits[0] == '0' || digits[len] != '\0' || len > PHONE_DIGITS_MAX) {
        return 0;
    }
    uint64_t phone = 0;
    for (size_t i = 0; i < len; i++) {
        phone = phone * 10 + (uint64_t)(digits[i] - '0');
    }
    return phone;
}

/* Put a range behind those that are as long or longer. */
static od_err insert(od__sim_ranges *ranges, const od__sim_range *range,
                     od_errmsg *errmsg)
{
    size_t at = 0;
    for (size_t i = 0; i < ranges->len; i++) {
        if (ranges->ranges[i].prefix == range->prefix) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "the range +%" PRIu64 " is there twice",
                            range->prefix);
        }
        at += ranges->ranges[i].digits >= range->digits ? 1 : 0;
    }
    memmove(&ranges->ranges[at + 1], &ranges->ranges[at],
            (ranges->len - at) * sizeof *range);
    ranges->ranges[at] = *range;
    ranges->len++;
    return OD_OK;
}

static bool is_empty(const od_sim_text_model *model)
{
    static const od_sim_text_model nothing;
    return memcmp(model, &nothing, sizeof nothing) == 0;
}

static od_err read_range(od__sim_ranges *out, const od_sim_range *from,
                         od_errmsg *errmsg)
{
    uint64_t prefix =
        from->prefix != NULL ? od__sim_phone_parse(from->prefix) : 0;
    if (prefix == 0) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the prefix \"%.20s\" is not 1 to %d digits",
                        from->prefix != NULL ? from->prefix : "",
                        PHONE_DIGITS_MAX);
    }
    static const od_sim_model nothing;
    od__sim_range range = {.prefix = prefix, .digits = digits_of(prefix)};
    bool empty = memcmp(&from->model, &nothing, sizeof nothing) == 0;
    range.model = empty ? out->model : from->model;
    range.texts = is_empty(&from->texts) ? out->texts : from->texts;
    char of[48];
    (void)snprintf(of, sizeof of, "the model of +%" PRIu64, prefix);
    od_err err = od__sim_model_check(&range.model, of, errmsg);
    if (err == OD_OK) {
        (void)snprintf(of, sizeof of, "the texts of +%" PRIu64, prefix);
        err = od__sim_text_model_check(&range.texts, of, errmsg);
    }
    return err == OD_OK ? insert(out, &range, errmsg) : err;
}

od_err od__sim_ranges_read(od__sim_ranges *out, const od_sim_options *options,
                           od_errmsg *errmsg)
{
    size_t len = options->ranges_len;
    if (len > OD_SIM_RANGES_MAX || (len > 0 && options->ranges == NULL)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "ranges_len is %zu%s, not 0 to %d", len,
                        options->ranges == NULL ? " without ranges" : "",
                        OD_SIM_RANGES_MAX);
    }
    memset(out, 0, sizeof *out);
    out->model = options->model;
    out->texts = options->texts;
    od_err err = od__sim_model_check(&out->model, "the model", errmsg);
    if (err == OD_OK) {
        err = od__sim_text_model_check(&out->texts, "texts", errmsg);
    }
    for (size_t i = 0; i < len && err == OD_OK; i++) {
        err = read_range(out, &options->ranges[i], errmsg);
    }
    return err;
}

/* The range of a number, or NULL. */
static const od__sim_range *find(const od__sim_ranges *ranges, uint64_t phone)
{
    int32_t digits = digits_of(phone);
    for (size_t i = 0; i < ranges->len; i++) {
        const od__sim_range *range = &ranges->ranges[i];
        for (; digits > range->digits; digits--) {
            phone /= 10;
        }
        if (digits == range->digits && phone == range->prefix) {
            return range;
        }
    }
    return NULL;
}

const od_sim_model *od__sim_ranges_find(const od__sim_ranges *ranges,
                                        uint64_t phone)
{
    const od__sim_range *range = find(ranges, phone);
    return range != NULL ? &range->model : &ranges->model;
}

const od_sim_text_model *od__sim_ranges_find_texts(const od__sim_ranges *ranges,
                                                   uint64_t phone)
{
    const od__sim_range *range = find(ranges, phone);
    return range != NULL ? &range->texts : &ranges->texts;
}

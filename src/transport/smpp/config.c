/*
 * config.c - the options of the SMPP transport, checked and copied.
 *
 * Touches no network. Called by smpp.c when a transport is made.
 */
#include "transport/smpp/smpp.h"

#define PORT 2775
#define PORT_TLS 3550

static int32_t default_to(int32_t value, int32_t fallback)
{
    return value == 0 ? fallback : value;
}

static bool in_range(int32_t value, int32_t min, int32_t max)
{
    return value >= min && value <= max;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static bool is_made_of(const char *text, const char *others)
{
    for (; *text != '\0'; text++) {
        if (!is_alnum(*text) && strchr(others, *text) == NULL) {
            return false;
        }
    }
    return true;
}

/* A copy of a text that may be NULL, if it is not too long and has no control
 * characters. */
static od_err copy_text(char *out, size_t out_size, const char *text,
                        const char *what, od_errmsg *errmsg)
{
    out[0] = '\0';
    if (text == NULL) {
        return OD_OK;
    }
    size_t len = strnlen(text, out_size);
    if (len == out_size) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s is longer than %zu bytes",
                        what, out_size - 1);
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "%s holds a control character", what);
        }
    }
    memcpy(out, text, len + 1);
    return OD_OK;
}

/* -- a trunk --------------------------------------------------------------- */

static od_err read_names(od__smpp_trunk *out, const od_smpp_trunk *trunk,
                         od_errmsg *errmsg)
{
    od_err err = copy_text(out->name, sizeof out->name, trunk->name,
                           "name of a trunk", errmsg);
    if (err == OD_OK &&
        (out->name[0] == '\0' || !is_made_of(out->name, "_.-"))) {
        err = od__fail(errmsg, OD_ERR_INVALID,
                       "a trunk's name is 1 to 63 of [A-Za-z0-9_.-]");
    }
    if (err == OD_OK) {
        err = copy_text(out->host, sizeof out->host, trunk->host,
                        "host of a trunk", errmsg);
    }
    if (err == OD_OK &&
        (out->host[0] == '\0' || !is_made_of(out->host, ".-_:%"))) {
        err = od__fail(errmsg, OD_ERR_INVALID, "trunk %s has no valid host",
                       out->name);
    }
    return err;
}

static od_err read_account(od__smpp_trunk *out, const od_smpp_trunk *trunk,
                           od_errmsg *errmsg)
{
    od_err err = copy_text(out->system_id, sizeof out->system_id,
                           trunk->system_id, "system_id of a trunk", errmsg);
    if (err == OD_OK && out->system_id[0] == '\0') {
        err = od__fail(errmsg, OD_ERR_INVALID, "trunk %s has no system_id",
                       out->name);
    }
    if (err == OD_OK) {
        err = copy_text(out->password, sizeof out->password, trunk->password,
                        "password of a trunk", errmsg);
    }
    if (err == OD_OK) {
        err = copy_text(out->system_type, sizeof out->system_type,
                        trunk->system_type, "system_type of a trunk", errmsg);
    }
    if (err == OD_OK) {
        err = copy_text(out->ca_file, sizeof out->ca_file, trunk->ca_file,
                        "ca_file of a trunk", errmsg);
    }
    if (err == OD_OK && out->ca_file[0] != '\0' && trunk->tls == 0) {
        err = od__fail(errmsg, OD_ERR_INVALID,
                       "trunk %s has a ca_file but no TLS", out->name);
    }
    if (err == OD_OK) {
        err =
            copy_text(out->unknown_codes, sizeof out->unknown_codes,
                      trunk->unknown_codes, "unknown_codes of a trunk", errmsg);
    }
    return err;
}

/* OD_NONE stays what it is, where `fallback` is that. */
static int32_t type_of(int32_t value, int32_t fallback)
{
    return value == OD_NONE ? fallback : value;
}

static void take_numbers(od__smpp_trunk *out, const od_smpp_trunk *trunk)
{
    out->tls = trunk->tls == 1;
    out->port = default_to(trunk->port, out->tls ? PORT_TLS : PORT);
    out->window = default_to(trunk->window, 10);
    out->texts_per_second_max = default_to(trunk->texts_per_second_max, 10);
    out->long_texts = trunk->long_texts;
    out->alphabet = trunk->alphabet;
    out->receipt_ids = trunk->receipt_ids;
    out->source_ton = type_of(trunk->source_ton, OD_NONE);
    out->source_npi = type_of(trunk->source_npi, OD_NONE);
    out->dest_ton = type_of(trunk->dest_ton, 1);
    out->dest_npi = type_of(trunk->dest_npi, 1);
    out->response_ms = default_to(trunk->response_ms, 10000);
    out->reconnect_ms_min = default_to(trunk->reconnect_ms_min, 500);
    out->reconnect_ms_max = default_to(trunk->reconnect_ms_max, 60000);
}

/* What libsmpp34 packs: the numbering plans that SMPP names. */
static bool is_npi(int32_t npi)
{
    static const int32_t plans[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};
    for (size_t i = 0; i < OD__LEN(plans); i++) {
        if (plans[i] == npi) {
            return true;
        }
    }
    return false;
}

/* Name of the first number that is out of range, or NULL. */
static const char *wrong_number(const od__smpp_trunk *out,
                                const od_smpp_trunk *trunk)
{
    const struct {
        const char *name;
        int32_t value;
        int32_t min;
        int32_t max;
    } numbers[] = {
        {"port", out->port, 1, 65535},
        {"tls", trunk->tls, 0, 1},
        {"window", out->window, 1, 1000},
        {"texts_per_second_max", out->texts_per_second_max, 1, 10000},
        {"long_texts", out->long_texts, 0, OD_SMPP_LONG_PAYLOAD},
        {"alphabet", out->alphabet, 0, OD_SMPP_ALPHABET_LATIN1},
        {"receipt_ids", out->receipt_ids, 0, OD_SMPP_IDS_DECIMAL},
        {"source_ton", out->source_ton, OD_NONE, 6},
        {"dest_ton", out->dest_ton, 0, 6},
        {"enquire_s", default_to(trunk->enquire_s, 30), 1, 3600},
        {"response_ms", out->response_ms, 500, 30000},
        {"reconnect_ms_min", out->reconnect_ms_min, 10, 60000},
        {"reconnect_ms_max", out->reconnect_ms_max, out->reconnect_ms_min,
         3600000},
        {"reserved0", trunk->reserved0, 0, 0},
    };
    for (size_t i = 0; i < OD__LEN(numbers); i++) {
        if (!in_range(numbers[i].value, numbers[i].min, numbers[i].max)) {
            return numbers[i].name;
        }
    }
    if (out->source_npi != OD_NONE && !is_npi(out->source_npi)) {
        return "source_npi";
    }
    return is_npi(out->dest_npi) ? NULL : "dest_npi";
}

static od_err read_trunk(od__smpp_trunk *out, const od_smpp_trunk *given,
                         od_errmsg *errmsg)
{
    od_smpp_trunk trunk;
    if (given == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "a trunk is NULL");
    }
    od_err err = od__sized_copy(&trunk, sizeof trunk, given, sizeof trunk,
                                "od_smpp_trunk", errmsg);
    if (err == OD_OK) {
        err = read_names(out, &trunk, errmsg);
    }
    if (err == OD_OK) {
        err = read_account(out, &trunk, errmsg);
    }
    if (err != OD_OK) {
        return err;
    }
    take_numbers(out, &trunk);
    const char *wrong = wrong_number(out, &trunk);
    if (wrong != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s of trunk %s is out of range", wrong, out->name);
    }
    out->enquire_ms = default_to(trunk.enquire_s, 30) * 1000;
    return OD_OK;
}

/* -- all of them ----------------------------------------------------------- */

od_err od__smpp_config_read(od__smpp_config *out, const od_smpp_options *given,
                            od_errmsg *errmsg)
{
    od_smpp_options options;
    if (given == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no options");
    }
    od_err err = od__sized_copy(&options, sizeof options, given, sizeof options,
                                "od_smpp_options", errmsg);
    if (err != OD_OK) {
        return err;
    }
    if (options.trunks == NULL || options.trunks_len < 1 ||
        options.trunks_len > OD_TRUNKS_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%zu trunks, 1 to %d are needed", options.trunks_len,
                        OD_TRUNKS_MAX);
    }
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < options.trunks_len; i++) {
        err = read_trunk(&out->trunks[i], options.trunks[i], errmsg);
        if (err != OD_OK) {
            return err;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(out->trunks[i].name, out->trunks[j].name) == 0) {
                return od__fail(errmsg, OD_ERR_INVALID,
                                "two trunks have the name %s",
                                out->trunks[i].name);
            }
        }
    }
    out->trunks_len = options.trunks_len;
    return OD_OK;
}

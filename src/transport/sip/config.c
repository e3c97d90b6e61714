/*
 * config.c - the options of the SIP transport, checked and copied.
 *
 * Everything that later stands in a SIP header is checked here, once: libre
 * escapes nothing. Touches no network. Called by sip.c when a transport is
 * made.
 */
#include "transport/sip/message_parts.h"

#include <arpa/inet.h>

static int32_t default_to(int32_t value, int32_t fallback)
{
    return value == 0 ? fallback : value;
}

static bool in_range(int32_t value, int32_t min, int32_t max)
{
    return value >= min && value <= max;
}

/* -- texts --------------------------------------------------------------- */

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

/* May it stand between quotes or as a header? */
static bool is_header_safe(const char *text)
{
    if (!od__utf8_is_valid(text, strlen(text))) {
        return false;
    }
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c == 0x7f || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* "[...]" with an IPv6 address, or a name or IPv4 address. */
static bool is_host(const char *host)
{
    size_t len = strlen(host);
    if (host[0] != '[') {
        return len > 0 && is_made_of(host, ".-_");
    }
    char inside[64];
    struct in6_addr address;
    if (len < 4 || len - 2 >= sizeof inside || host[len - 1] != ']') {
        return false;
    }
    memcpy(inside, host + 1, len - 2);
    inside[len - 2] = '\0';
    return inet_pton(AF_INET6, inside, &address) == 1;
}

/* A checked copy of a text that may be NULL. */
static od_err copy_text(char *out, size_t out_size, const char *text,
                        const char *what, od_errmsg *errmsg)
{
    out[0] = '\0';
    if (text == NULL) {
        return OD_OK;
    }
    if (strnlen(text, out_size) == out_size) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s is longer than %zu bytes",
                        what, out_size - 1);
    }
    if (!is_header_safe(text)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s holds a control character, a quote, a backslash "
                        "or invalid UTF-8",
                        what);
    }
    memcpy(out, text, strlen(text) + 1);
    return OD_OK;
}

/* '#' may not stand in a URI as it is. */
static bool escape_prefix(char *out, size_t out_size, const char *prefix)
{
    if (strlen(prefix) > 15 ||
        strspn(prefix, "0123456789+*#") != strlen(prefix)) {
        return false;
    }
    od__writer writer;
    od__writer_init(&writer, out, out_size);
    for (; *prefix != '\0'; prefix++) {
        if (*prefix == '#') {
            od__write(&writer, "%%23");
        } else {
            od__write(&writer, "%c", *prefix);
        }
    }
    return !writer.full;
}

/* -- trunks -------------------------------------------------------------- */

static od_err read_account(od__sip_trunk *out, const od_sip_trunk *trunk,
                           od_errmsg *errmsg)
{
    od_err err = copy_text(out->username, sizeof out->username, trunk->username,
                           "username of a trunk", errmsg);
    if (err == OD_OK) {
        err = copy_text(out->password, sizeof out->password, trunk->password,
                        "password of a trunk", errmsg);
    }
    if (err == OD_OK && out->username[0] != '\0' && trunk->password == NULL) {
        err = od__fail(errmsg, OD_ERR_INVALID,
                       "trunk %s has a username but no password", out->name);
    }
    return err;
}

/* Name of the first limit that is out of range, or NULL. */
static const char *wrong_limit(const od__sip_trunk *out,
                               const od_sip_trunk *trunk)
{
    if (!in_range(out->port, 1, 65535)) {
        return "port";
    }
    if (!in_range(out->protocol, OD_SIP_UDP, OD_SIP_TCP)) {
        return "protocol";
    }
    if (!in_range(out->calls_max, 1, 20000)) {
        return "calls_max";
    }
    if (!in_range(out->calls_per_second_max, 1, 10000)) {
        return "calls_per_second_max";
    }
    if (!in_range(out->texts_max, 0, 20000)) {
        return "texts_max";
    }
    if (!in_range(out->texts_per_second_max, 1, 10000)) {
        return "texts_per_second_max";
    }
    if (!in_range(trunk->imdn, 0, 1)) {
        return "imdn";
    }
    return in_range(trunk->no_calls, 0, 1) ? NULL : "no_calls";
}

static od_err read_limits(od__sip_trunk *out, const od_sip_trunk *trunk,
                          od_errmsg *errmsg)
{
    out->port = default_to(trunk->port, 5060);
    out->protocol = trunk->protocol;
    out->calls_max = default_to(trunk->calls_max, 100);
    out->calls_per_second_max = default_to(trunk->calls_per_second_max, 10);
    out->texts_max = trunk->texts_max;
    out->texts_per_second_max = default_to(trunk->texts_per_second_max, 10);
    out->imdn = trunk->imdn == 1;
    const char *wrong = wrong_limit(out, trunk);
    if (wrong != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s of trunk %s is out of range", wrong, out->name);
    }
    if (trunk->no_calls == 1) {
        if (out->texts_max == 0) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "trunk %s has no_calls and no texts_max: it "
                            "carries nothing",
                            out->name);
        }
        out->calls_max = 0;
    }
    return OD_OK;
}

static od_err read_names(od__sip_trunk *out, const od_sip_trunk *trunk,
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
    if (err == OD_OK && !is_host(out->host)) {
        err = od__fail(errmsg, OD_ERR_INVALID, "trunk %s has no valid host",
                       out->name);
    }
    if (err == OD_OK) {
        err = copy_text(out->from_host, sizeof out->from_host,
                        trunk->from_host != NULL ? trunk->from_host : out->host,
                        "from_host of a trunk", errmsg);
    }
    if (err == OD_OK && !is_host(out->from_host)) {
        err = od__fail(errmsg, OD_ERR_INVALID,
                       "trunk %s has no valid from_host", out->name);
    }
    return err;
}

static od_err read_trunk(od__sip_trunk *out, const od_sip_trunk *given,
                         od_errmsg *errmsg)
{
    od_sip_trunk trunk;
    if (given == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "a trunk is NULL");
    }
    od_err err = od__sized_copy(&trunk, sizeof trunk, given, sizeof trunk,
                                "od_sip_trunk", errmsg);
    if (err == OD_OK) {
        err = read_names(out, &trunk, errmsg);
    }
    if (err == OD_OK) {
        err = read_account(out, &trunk, errmsg);
    }
    if (err == OD_OK) {
        err = read_limits(out, &trunk, errmsg);
    }
    if (err == OD_OK &&
        !escape_prefix(out->dial_prefix, sizeof out->dial_prefix,
                       trunk.dial_prefix != NULL ? trunk.dial_prefix : "+")) {
        err = od__fail(errmsg, OD_ERR_INVALID,
                       "dial_prefix of trunk %s is not at most 15 of [0-9+*#]",
                       out->name);
    }
    return err;
}

static od_err read_trunks(od__config *out, const od_sip_options *options,
                          od_errmsg *errmsg)
{
    if (options->trunks == NULL || options->trunks_len < 1 ||
        options->trunks_len > OD_TRUNKS_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%zu trunks, 1 to %d are needed", options->trunks_len,
                        OD_TRUNKS_MAX);
    }
    for (size_t i = 0; i < options->trunks_len; i++) {
        od_err err = read_trunk(&out->trunks[i], options->trunks[i], errmsg);
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
    out->trunks_len = options->trunks_len;
    return OD_OK;
}

/* -- texts over UDP ------------------------------------------------------- */

/* A text of one segment in ASCII. */
#define ROOM_MIN 160

/* Once all of the options is there. */
static od_err find_rooms(od__config *config, od_errmsg *errmsg)
{
    for (size_t i = 0; i < config->trunks_len; i++) {
        od__sip_trunk *trunk = &config->trunks[i];
        if (trunk->texts_max == 0 || trunk->protocol != OD_SIP_UDP) {
            continue;
        }
        trunk->text_bytes_max = od__message_room(config, trunk);
        if (trunk->text_bytes_max < ROOM_MIN) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "texts of trunk %s have room for %d bytes, too few "
                            "for one segment: use TCP, or no imdn",
                            trunk->name,
                            trunk->text_bytes_max > 0 ? trunk->text_bytes_max
                                                      : 0);
        }
    }
    return OD_OK;
}

bool od__config_has_texts(const od__config *config)
{
    for (size_t i = 0; i < config->trunks_len; i++) {
        if (config->trunks[i].texts_max > 0) {
            return true;
        }
    }
    return false;
}

/* -- options ------------------------------------------------------------- */

/* "Any" will not do: the far end is told where to send. */
static bool is_own_address(const char *text)
{
    od__address address;
    if (!od__address_parse(&address, text)) {
        return false;
    }
    if (address.any.sa_family == AF_INET6) {
        return !IN6_IS_ADDR_UNSPECIFIED(&address.v6.sin6_addr);
    }
    return address.v4.sin_addr.s_addr != INADDR_ANY;
}

/* Name of the first option that is out of range, or NULL. */
static const char *wrong_option(const od__config *config,
                                const od_sip_options *options)
{
    if (!in_range(config->port, 0, 65535)) {
        return "port";
    }
    if (!in_range(config->rtp_port_min, 1024, 65534) ||
        config->rtp_port_min % 2 != 0) {
        return "rtp_port_min";
    }
    if (!in_range(config->rtp_port_max, config->rtp_port_min + 1, 65535)) {
        return "rtp_port_max";
    }
    if (!in_range(config->media_threads, 1, 16)) {
        return "media_threads";
    }
    if (!in_range(config->trying_ms, 500, 32000)) {
        return "trying_ms";
    }
    if (options->silent_peer_ms != OD_NONE &&
        !in_range(config->silent_ms, 1000, 600000)) {
        return "silent_peer_ms";
    }
    if (config->closing_max < 1) {
        return "closing_max";
    }
    return options->reserved0 != 0 ? "reserved0" : NULL;
}

od_err od__config_read(od__config *out, const od_sip_options *given,
                       od_errmsg *errmsg)
{
    if (given == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no options");
    }
    od_sip_options options;
    od_err err = od__sized_copy(&options, sizeof options, given, sizeof options,
                                "od_sip_options", errmsg);
    if (err != OD_OK) {
        return err;
    }
    memset(out, 0, sizeof *out);
    out->port = options.port;
    out->rtp_port_min = default_to(options.rtp_port_min, 20000);
    out->rtp_port_max = default_to(options.rtp_port_max, 29999);
    out->media_threads = default_to(options.media_threads, 1);
    out->trying_ms = default_to(options.trying_ms, 4000);
    out->silent_ms = options.silent_peer_ms == OD_NONE
                         ? 0
                         : default_to(options.silent_peer_ms, 60000);
    out->closing_max = default_to(options.closing_max, 40000);
    const char *wrong = wrong_option(out, &options);
    if (wrong != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s is out of range", wrong);
    }

    err = copy_text(out->address, sizeof out->address, options.address,
                    "address", errmsg);
    if (err == OD_OK && out->address[0] != '\0' &&
        !is_own_address(out->address)) {
        err =
            od__fail(errmsg, OD_ERR_INVALID,
                     "%s is not the IP address of an interface", out->address);
    }
    if (err == OD_OK) {
        err = copy_text(out->user_agent, sizeof out->user_agent,
                        options.user_agent, "user_agent", errmsg);
    }
    if (err == OD_OK && out->user_agent[0] == '\0') {
        (void)snprintf(out->user_agent, sizeof out->user_agent, "liboutdial/%s",
                       od_version());
    }
    if (err == OD_OK) {
        err = read_trunks(out, &options, errmsg);
    }
    return err == OD_OK ? find_rooms(out, errmsg) : err;
}

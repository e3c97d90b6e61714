/*
 * trunk.c - a SIP trunk from one word: name=a,host=sip.example.com,...
 *
 * A password never stands on the command line, where every user of the machine
 * can read it: it is the first line of a file. The keys are explained by the
 * notes of `run` in cmd_run.c.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>

static cli_exit read_password(const cli *c, const char *path, cli_trunk *out)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return cli_usage(c, "%s: %s", path, strerror(errno));
    }
    bool got = fgets(out->password, sizeof out->password, file) != NULL;
    (void)fclose(file);
    out->password[strcspn(out->password, "\r\n")] = '\0';
    if (!got || out->password[0] == '\0') {
        return cli_usage(c, "%s: holds no password", path);
    }
    out->trunk.password = out->password;
    return CLI_OK;
}

/* Store one text key. false: there is no such key. */
static bool set_text(od_sip_trunk *trunk, const char *key, const char *value)
{
    const struct {
        const char *key;
        const char **field;
    } texts[] = {{"name", &trunk->name},
                 {"host", &trunk->host},
                 {"user", &trunk->username},
                 {"from-host", &trunk->from_host},
                 {"prefix", &trunk->dial_prefix}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(key, texts[i].key) == 0) {
            *texts[i].field = value;
            return true;
        }
    }
    return false;
}

static cli_exit set_number(const cli *c, od_sip_trunk *trunk, const char *key,
                           const char *value)
{
    const struct {
        const char *key;
        int32_t *field;
    } numbers[] = {{"port", &trunk->port},
                   {"calls", &trunk->calls_max},
                   {"cps", &trunk->calls_per_second_max}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t number = 0;
        if (strcmp(key, numbers[i].key) != 0) {
            continue;
        }
        if (!cli_int_parse(value, &number) || number < 1 || number > 65535) {
            return cli_usage(c,
                             "--trunk: %s=%s is not a number from 1 to "
                             "65535",
                             key, value);
        }
        *numbers[i].field = (int32_t)number;
        return CLI_OK;
    }
    return cli_usage(c, "--trunk: there is no key \"%s\"", key);
}

static cli_exit set_key(const cli *c, cli_trunk *out, const char *key,
                        const char *value)
{
    if (set_text(&out->trunk, key, value)) {
        return CLI_OK;
    }
    if (strcmp(key, "password-file") == 0) {
        return read_password(c, value, out);
    }
    if (strcmp(key, "protocol") != 0) {
        return set_number(c, &out->trunk, key, value);
    }
    if (strcmp(value, "udp") != 0 && strcmp(value, "tcp") != 0) {
        return cli_usage(c, "--trunk: protocol is udp or tcp, not \"%s\"",
                         value);
    }
    out->trunk.protocol = strcmp(value, "tcp") == 0 ? OD_SIP_TCP : OD_SIP_UDP;
    return CLI_OK;
}

cli_exit cli_trunk_parse(const cli *c, const char *spec, cli_trunk *out)
{
    char *rest = out->spec;
    od_sip_trunk_init(&out->trunk);
    out->trunk.name = "trunk";
    if (strlen(spec) >= sizeof out->spec) {
        return cli_usage(c, "--trunk: it is too long");
    }
    (void)snprintf(out->spec, sizeof out->spec, "%s", spec);
    while (rest != NULL) {
        char *word = strsep(&rest, ",");
        char *value = strchr(word, '=');
        if (value == NULL) {
            return cli_usage(c, "--trunk: \"%s\" is not KEY=VALUE", word);
        }
        *value++ = '\0';
        cli_exit rc = set_key(c, out, word, value);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    return out->trunk.host != NULL ? CLI_OK
                                   : cli_usage(c, "--trunk: host is missing");
}

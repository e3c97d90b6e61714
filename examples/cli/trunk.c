/*
 * trunk.c - a SIP trunk from one word: name=a,host=sip.example.com,...
 *
 * The keys are explained by the notes of `run` in cmd_run.c.
 */
#include "cli.h"

#include <string.h>

#define OPTION "--trunk"

static cli_exit set_key(const cli *c, const char *key, const char *value,
                        void *ctx)
{
    cli_trunk *out = ctx;
    od_sip_trunk *trunk = &out->trunk;
    const cli_spec_texts texts[] = {{"name", &trunk->name},
                                    {"host", &trunk->host},
                                    {"user", &trunk->username},
                                    {"from-host", &trunk->from_host},
                                    {"prefix", &trunk->dial_prefix},
                                    {NULL, NULL}};
    const cli_spec_numbers numbers[] = {
        {"port", &trunk->port},
        {"calls", &trunk->calls_max},
        {"cps", &trunk->calls_per_second_max},
        {"texts", &trunk->texts_max},
        {"tps", &trunk->texts_per_second_max},
        {NULL, NULL}};
    if (cli_spec_text(texts, key, value)) {
        return CLI_OK;
    }
    if (strcmp(key, "password-file") == 0) {
        trunk->password = out->password;
        return cli_spec_password(c, value, out->password, sizeof out->password);
    }
    if (strcmp(key, "protocol") == 0) {
        return cli_spec_word(c, OPTION, "udp", "tcp", &trunk->protocol, key,
                             value);
    }
    if (strcmp(key, "receipts") == 0) {
        return cli_spec_word(c, OPTION, "no", "yes", &trunk->imdn, key, value);
    }
    if (strcmp(key, "texts-only") == 0) {
        return cli_spec_word(c, OPTION, "no", "yes", &trunk->no_calls, key,
                             value);
    }
    return cli_spec_number(c, OPTION, numbers, key, value);
}

cli_exit cli_trunk_parse(const cli *c, const char *spec, cli_trunk *out)
{
    od_sip_trunk_init(&out->trunk);
    out->trunk.name = "trunk";
    cli_exit rc = cli_spec_each(c, OPTION, spec, out->spec, set_key, out);
    if (rc == CLI_OK && out->trunk.host == NULL) {
        rc = cli_usage(c, OPTION ": host is missing");
    }
    return rc;
}

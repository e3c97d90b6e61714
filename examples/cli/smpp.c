/*
 * smpp.c - an account at an SMSC from one word: host=smsc.example.com,user=...
 *
 * The keys are explained by the notes of `run` in cmd_run.c.
 */
#include "cli.h"

#include <string.h>

#define OPTION "--smpp"

static cli_exit set_key(const cli *c, const char *key, const char *value,
                        void *ctx)
{
    cli_smpp *out = ctx;
    od_smpp_trunk *trunk = &out->trunk;
    const cli_spec_texts texts[] = {{"name", &trunk->name},
                                    {"host", &trunk->host},
                                    {"user", &trunk->system_id},
                                    {"type", &trunk->system_type},
                                    {"ca-file", &trunk->ca_file},
                                    {"unknown", &trunk->unknown_codes},
                                    {NULL, NULL}};
    const cli_spec_numbers numbers[] = {{"port", &trunk->port},
                                        {"window", &trunk->window},
                                        {"tps", &trunk->texts_per_second_max},
                                        {"enquire", &trunk->enquire_s},
                                        {NULL, NULL}};
    if (cli_spec_text(texts, key, value)) {
        return CLI_OK;
    }
    if (strcmp(key, "password-file") == 0) {
        trunk->password = out->password;
        return cli_spec_password(c, value, out->password, sizeof out->password);
    }
    if (strcmp(key, "tls") == 0) {
        return cli_spec_word(c, OPTION, "no", "yes", &trunk->tls, key, value);
    }
    if (strcmp(key, "long") == 0) {
        return cli_spec_word(c, OPTION, "udh", "payload", &trunk->long_texts,
                             key, value);
    }
    if (strcmp(key, "alphabet") == 0) {
        return cli_spec_word(c, OPTION, "gsm", "latin1", &trunk->alphabet, key,
                             value);
    }
    if (strcmp(key, "ids") == 0) {
        return cli_spec_word(c, OPTION, "same", "decimal", &trunk->receipt_ids,
                             key, value);
    }
    return cli_spec_number(c, OPTION, numbers, key, value);
}

cli_exit cli_smpp_parse(const cli *c, const char *spec, cli_smpp *out)
{
    od_smpp_trunk_init(&out->trunk);
    out->trunk.name = "smpp";
    cli_exit rc = cli_spec_each(c, OPTION, spec, out->spec, set_key, out);
    if (rc == CLI_OK && out->trunk.host == NULL) {
        rc = cli_usage(c, OPTION ": host is missing");
    }
    if (rc == CLI_OK && out->trunk.system_id == NULL) {
        rc = cli_usage(c, OPTION ": user is missing");
    }
    return rc;
}

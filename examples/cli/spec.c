/*
 * spec.c - a trunk from one word, name=a,host=b,...: splits it, and reads what
 * its keys have in common.
 *
 * A password never stands on the command line, where every user of the machine
 * can read it: it is the first line of a file.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>

cli_exit cli_spec_each(const cli *c, const char *option, const char *spec,
                       char copy[CLI_SPEC_SIZE], cli_spec_key set, void *ctx)
{
    char *rest = copy;
    if (strlen(spec) >= CLI_SPEC_SIZE) {
        return cli_usage(c, "%s: it is too long", option);
    }
    (void)snprintf(copy, CLI_SPEC_SIZE, "%s", spec);
    while (rest != NULL) {
        char *word = strsep(&rest, ",");
        char *value = strchr(word, '=');
        if (value == NULL) {
            return cli_usage(c, "%s: \"%s\" is not KEY=VALUE", option, word);
        }
        *value++ = '\0';
        cli_exit rc = set(c, word, value, ctx);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    return CLI_OK;
}

bool cli_spec_text(const cli_spec_texts *texts, const char *key,
                   const char *value)
{
    for (; texts->key != NULL; texts++) {
        if (strcmp(key, texts->key) == 0) {
            *texts->field = value;
            return true;
        }
    }
    return false;
}

cli_exit cli_spec_number(const cli *c, const char *option,
                         const cli_spec_numbers *numbers, const char *key,
                         const char *value)
{
    for (; numbers->key != NULL; numbers++) {
        int64_t number = 0;
        if (strcmp(key, numbers->key) != 0) {
            continue;
        }
        if (!cli_int_parse(value, &number) || number < 1 || number > 65535) {
            return cli_usage(c, "%s: %s=%s is not a number from 1 to 65535",
                             option, key, value);
        }
        *numbers->field = (int32_t)number;
        return CLI_OK;
    }
    return cli_usage(c, "%s: there is no key \"%s\"", option, key);
}

cli_exit cli_spec_word(const cli *c, const char *option, const char *zero,
                       const char *one, int32_t *field, const char *key,
                       const char *value)
{
    if (strcmp(value, zero) != 0 && strcmp(value, one) != 0) {
        return cli_usage(c, "%s: %s is %s or %s, not \"%s\"", option, key, zero,
                         one, value);
    }
    *field = strcmp(value, one) == 0 ? 1 : 0;
    return CLI_OK;
}

cli_exit cli_spec_password(const cli *c, const char *path, char *out,
                           size_t out_size)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return cli_usage(c, "%s: %s", path, strerror(errno));
    }
    bool got = fgets(out, (int)out_size, file) != NULL;
    (void)fclose(file);
    out[strcspn(out, "\r\n")] = '\0';
    return got && out[0] != '\0' ? CLI_OK
                                 : cli_usage(c, "%s: holds no password", path);
}

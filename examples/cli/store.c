/*
 * store.c - the store, and what to say when something fails.
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define PROBLEMS_MAX 64

void cli_say(const char *fmt, ...)
{
    char text[2048];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    (void)fputs("outdial: ", stderr);
    cli_text_put(stderr, text, 0);
    (void)fputc('\n', stderr);
}

cli_exit cli_usage(const cli *c, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    const char *name = c->command != NULL ? c->command->name : "";
    cli_say("%s%s%s", name, name[0] != '\0' ? ": " : "", text);
    cli_say("see outdial %s%s--help", name, name[0] != '\0' ? " " : "");
    return CLI_USAGE;
}

static cli_exit exit_of(od_err err)
{
    switch (err) {
    case OD_OK:
        return CLI_OK;
    case OD_ERR_INVALID:
    case OD_ERR_UNSUPPORTED:
        return CLI_USAGE;
    case OD_ERR_STATE:
    case OD_ERR_EXISTS:
    case OD_ERR_REFUSED:
        return CLI_REFUSED;
    case OD_ERR_NOT_FOUND:
        return CLI_NOT_FOUND;
    case OD_ERR_CANCELLED:
        return CLI_INTERRUPTED;
    default:
        return CLI_FAILURE;
    }
}

cli_exit cli_fail(const cli *c, od_err err, const char *what)
{
    const char *text = od_engine_errmsg(c->engine);
    cli_say("%s: %s (%s)", what, text, od_err_name(err));
    return exit_of(err);
}

cli_exit cli_refused(const cli *c, const char *name, od_id campaign)
{
    static const cli_column columns[] = {{"severity", 0}, {"count", 0},
                                         {"rule", 0},     {"what", 0},
                                         {"cure", 0},     {0}};
    od_problem problems[PROBLEMS_MAX];
    size_t count = 0;
    cli_rows out;
    od_err err = od_campaign_problems(c->engine, campaign, problems,
                                      PROBLEMS_MAX, &count);
    if (err != OD_OK) {
        return cli_fail(c, err, c->command->name);
    }
    if (c->json) {
        cli_rows_begin(&out, c, columns);
    }
    for (size_t i = 0; i < count && i < PROBLEMS_MAX; i++) {
        if (problems[i].severity != OD_SEVERITY_ERROR) {
            continue; /* did not stand in the way */
        }
        if (c->json) {
            cli_problem_put(&out, &problems[i]);
        } else {
            cli_say("%s: %s", name, problems[i].what);
            cli_say("  -> %s", problems[i].cure);
        }
    }
    return CLI_REFUSED;
}

cli_exit cli_registries_attach(const cli *c, const cli_list *paths)
{
    for (size_t i = 0; i < paths->len; i++) {
        od_err err = od_registry_attach(c->engine, paths->items[i]);
        if (err != OD_OK) {
            return cli_fail(c, err, paths->items[i]);
        }
    }
    return CLI_OK;
}

cli_exit cli_find(const cli *c, const char *what, cli_finder find,
                  const char *name, od_id *out)
{
    od_err err = find(c->engine, name, out);
    if (err == OD_ERR_NOT_FOUND) {
        cli_say("%s: there is no %s \"%s\"", c->command->name, what, name);
        return CLI_NOT_FOUND;
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, what);
}

cli_exit cli_store_exists(const cli *c)
{
    if (access(c->db, F_OK) != 0) {
        cli_say("%s: %s; `outdial import` makes a database", c->db,
                strerror(errno));
        return CLI_NOT_FOUND;
    }
    return CLI_OK;
}

cli_exit cli_fail_text(const char *what, od_err err, const od_errmsg *errmsg)
{
    cli_say("%s: %s (%s)", what, errmsg->text, od_err_name(err));
    return exit_of(err);
}

cli_exit cli_engine_open(cli *c, const char *what, od_storage *storage,
                         od_engine_options *options, od_transport *transport,
                         const od_now *now)
{
    od_errmsg errmsg = {""};
    options->country = c->country;
    od_err err =
        od_engine_new(&c->engine, options, storage, transport, now, &errmsg);
    if (err != OD_OK) {
        od_storage_free(storage);
        od_transport_free(transport);
        return cli_fail_text(what, err, &errmsg);
    }
    return CLI_OK;
}

cli_exit cli_store_open(cli *c, od_engine_options *options,
                        od_transport *transport)
{
    od_storage *storage = NULL;
    od_errmsg errmsg = {""};
    od_now now;
    od_err err = od_storage_open_sqlite(&storage, c->db, &errmsg);
    if (err != OD_OK) {
        od_transport_free(transport);
        return cli_fail_text(c->db, err, &errmsg);
    }
    od_now_read(&now);
    return cli_engine_open(c, c->db, storage, options, transport, &now);
}

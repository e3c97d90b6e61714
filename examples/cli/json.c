/*
 * json.c - JSON for programs, RFC 8259.
 *
 * Lists are JSON Lines, one object a line, so that they need no memory at
 * either end; everything else is one object on one line.
 */
#include "cli.h"

#include <math.h>
#include <string.h>

static void put_string(FILE *to, const char *text)
{
    (void)fputc('"', to);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\') {
            (void)fprintf(to, "\\%c", *at);
        } else if (*at < 0x20 || *at == 0x7f) {
            (void)fprintf(to, "\\u%04x", (unsigned)*at);
        } else {
            (void)fputc(*at, to);
        }
    }
    (void)fputc('"', to);
}

static void put_key(cli_json *json, const char *key)
{
    if (json->comma) {
        (void)fputs(", ", json->to);
    }
    json->comma = true;
    if (key != NULL) {
        put_string(json->to, key);
        (void)fputs(": ", json->to);
    }
}

void cli_json_open(cli_json *json, const char *key, char bracket)
{
    put_key(json, key);
    (void)fputc(bracket, json->to);
    json->comma = false;
}

void cli_json_close(cli_json *json, char bracket)
{
    (void)fputc(bracket, json->to);
    json->comma = true;
}

void cli_json_text(cli_json *json, const char *key, const char *value)
{
    put_key(json, key);
    put_string(json->to, value);
}

void cli_json_int(cli_json *json, const char *key, int64_t value)
{
    put_key(json, key);
    (void)fprintf(json->to, "%" PRId64, value);
}

void cli_json_real(cli_json *json, const char *key, double value)
{
    put_key(json, key);
    (void)fprintf(json->to, "%.3f", isfinite(value) ? value : 0.0);
}

void cli_json_bool(cli_json *json, const char *key, bool value)
{
    put_key(json, key);
    (void)fputs(value ? "true" : "false", json->to);
}

void cli_json_time(cli_json *json, const char *key, int64_t utc_ms)
{
    char text[CLI_TIME_SIZE];
    put_key(json, key);
    if (utc_ms == 0) {
        (void)fputs("null", json->to);
    } else {
        cli_time_iso(utc_ms, text);
        put_string(json->to, text);
    }
}

void cli_json_line(cli_json *json)
{
    (void)fputc('\n', json->to);
    json->comma = false;
}

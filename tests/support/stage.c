/*
 * stage.c - a world with a group, a prompt and people; see stage.h.
 */
#include "support/stage.h"

#define CALLS_MAX 1000

void stage_expect(od_stage *stage, od_err got, od_err want, const char *text,
                  const char *call, const char *file, int line)
{
    const char *said = od_engine_errmsg(stage->engine);
    if (got != want || (want != OD_OK && strstr(said, text) == NULL)) {
        print_error("%s:%d: %s\n    gives %s \"%s\", not %s \"%s\"\n", file,
                    line, call, od_err_name(got), said, od_err_name(want),
                    text);
        fail();
    }
}

/* -- beginning and end -------------------------------------------------------- */

void stage_init(od_stage *stage)
{
    memset(stage, 0, sizeof *stage);
    od_world_init(&stage->world, od_world_time(STAGE_NOON), 11);
}

void stage_open(od_stage *stage, od_storage *storage)
{
    od_world_open(&stage->world, storage);
    stage->engine = stage->world.engine;
    if (od_group_find(stage->engine, "people", &stage->group) != OD_OK) {
        stage_ok(stage, od_group_add(stage->engine, "people", &stage->group));
    }
    stage->hello = od_world_prompt(&stage->world, "hello", 2000);
}

void stage_begin(od_stage *stage)
{
    stage_init(stage);
    stage_open(stage, NULL);
}

void stage_end(od_stage *stage)
{
    od_world_close(&stage->world);
    stage->engine = NULL;
    od_test_folder_remove(stage->folder);
    stage->folder = NULL;
}

static int setup_on(void **state, bool sqlite)
{
    od_stage *stage = calloc(1, sizeof *stage);
    od_storage *storage = NULL;
    assert_non_null(stage);
    stage_init(stage);
    if (sqlite && od_storage_open_sqlite(&storage, stage_path(stage, "a.db"),
                                         NULL) == OD_ERR_UNSUPPORTED) {
        storage = NULL;
    }
    stage_open(stage, storage);
    *state = stage;
    return 0;
}

int stage_setup(void **state)
{
    return setup_on(state, false);
}

int stage_setup_sqlite(void **state)
{
    return setup_on(state, true);
}

int stage_teardown(void **state)
{
    od_stage *stage = *state;
    stage_end(stage);
    free(stage);
    return 0;
}

/* -- files ------------------------------------------------------------------------ */

const char *stage_path(od_stage *stage, const char *name)
{
    if (stage->folder == NULL) {
        stage->folder = od_test_folder();
    }
    (void)snprintf(stage->path, sizeof stage->path, "%s/%s", stage->folder,
                   name);
    return stage->path;
}

const char *stage_file(od_stage *stage, const char *name, const char *bytes,
                       size_t len)
{
    const char *path = stage_path(stage, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return path;
}

char *stage_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s cannot be opened", path);
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    bytes[size] = '\0';
    (void)fclose(file);
    if (len != NULL) {
        *len = (size_t)size;
    }
    return bytes;
}

/* -- people -------------------------------------------------------------------------- */

const char *stage_phone(int i)
{
    static char phones[8][24]; /* so that one call can name several */
    static unsigned turn;
    char *out = phones[turn++ % 8];
    assert_true(i >= 0 && i < 8000);
    /* 555-1212 is the directory's. */
    (void)snprintf(out, sizeof phones[0], "+1212555%04d",
                   (i < 212 ? 1000 : 1001) + i);
    return out;
}

void stage_people(od_stage *stage, int n)
{
    for (int i = 0; i < n; i++) {
        (void)od_world_contact(&stage->world, stage->group, stage_phone(i),
                               NULL);
    }
}

void stage_far(od_stage *stage, const char *phone, const char *play)
{
    od_errmsg errmsg = {""};
    if (od_sim_play(stage->world.sim, phone, play, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

void stage_far_all(od_stage *stage, int n, const char *play)
{
    for (int i = 0; i < n; i++) {
        stage_far(stage, stage_phone(i), play);
    }
}

void stage_dnc(od_stage *stage, const char *phone)
{
    od_dnc_entry entry = {.phone = phone};
    stage_ok(stage, od_dnc_add(stage->engine, &entry));
}

/* -- campaigns ---------------------------------------------------------------------- */

void stage_options(od_stage *stage, od_campaign_options *out, const char *name)
{
    od_campaign_options_init(out);
    out->purpose = OD_PURPOSE_INFORMATIONAL;
    out->name = name;
    out->caller_id = "+12125550100";
    out->groups = &stage->group;
    out->groups_len = 1;
    out->prompts = &stage->hello;
    out->prompts_len = 1;
}

od_id stage_add(od_stage *stage, const od_campaign_options *options)
{
    od_id id = 0;
    stage_ok(stage, od_campaign_add(stage->engine, options, &id));
    assert_true(id > 0);
    return id;
}

od_id stage_go(od_stage *stage, const od_campaign_options *options)
{
    od_campaign_options fallback;
    if (options == NULL) {
        stage_options(stage, &fallback, "first");
        options = &fallback;
    }
    od_id id = stage_add(stage, options);
    stage_ok(stage, od_campaign_start(stage->engine, id));
    return id;
}

int32_t stage_state(od_stage *stage, od_id campaign)
{
    od_campaign now;
    stage_ok(stage, od_campaign_get(stage->engine, campaign, &now));
    return now.state;
}

od_campaign_stats stage_stats(od_stage *stage, od_id campaign)
{
    od_campaign_stats out;
    memset(&out, 0, sizeof out);
    stage_ok(stage, od_campaign_stats_get(stage->engine, campaign, &out));
    return out;
}

/* Calls of a page; the last is kept in *last. */
static size_t count_calls(od_stage *stage, od_id campaign, const char *phone,
                          od_call *last)
{
    static od_call rows[CALLS_MAX];
    od_call_filter filter;
    size_t count = 0;
    od_call_filter_init(&filter);
    filter.campaign = campaign;
    filter.phone = phone;
    stage_ok(stage, od_calls_list(stage->engine, &filter, 0, rows, CALLS_MAX,
                                  &count));
    assert_true(count < CALLS_MAX);
    if (count > 0) {
        *last = rows[count - 1];
    }
    return count;
}

size_t stage_calls(od_stage *stage, od_id campaign, const char *phone)
{
    od_call ignored;
    return count_calls(stage, campaign, phone, &ignored);
}

od_call stage_last(od_stage *stage, od_id campaign, const char *phone)
{
    od_call last;
    memset(&last, 0, sizeof last);
    assert_true(count_calls(stage, campaign, phone, &last) > 0);
    return last;
}

od_verdict stage_explain(od_stage *stage, od_id campaign, const char *phone)
{
    od_verdict out;
    memset(&out, 0, sizeof out);
    stage_ok(stage, od_campaign_explain(stage->engine, campaign, phone, &out));
    return out;
}

void stage_run(od_stage *stage, int64_t ms)
{
    stage_ok(stage, od_world_run(&stage->world, ms));
}

/*
 * texting.c - campaigns of texts over a carrier that says nothing; see
 * texting.h.
 */
#include "support/texting.h"

#include "core/core.h"

static void on_event(void *ctx, const od_event *event)
{
    od_texting *p = ctx;
    if (event->type == OD_EVENT_MESSAGE) {
        p->last = *event;
    }
}

int texting_setup(void **state)
{
    od_texting *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    mute_init(&p->mute);
    p->stage.world.options.calls_max = 1000;
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
    *state = p;
    return 0;
}

int texting_setup_sqlite(void **state)
{
    (void)texting_setup(state);
    ((od_texting *)*state)->sqlite = true;
    return 0;
}

int texting_teardown(void **state)
{
    od_texting *p = *state;
    stage_end(&p->stage);
    mute_free(&p->mute);
    free(p);
    return 0;
}

od_storage *texting_store(od_texting *p)
{
    od_storage *storage = NULL;
    od_err err = OD_ERR_UNSUPPORTED;
    if (p->sqlite) {
        err = od_storage_open_sqlite(&storage, stage_path(&p->stage, "a.db"),
                                     NULL);
    }
    return err == OD_OK ? storage : NULL;
}

void texting_begin(od_texting *p)
{
    mute_open(&p->mute, &p->stage, texting_store(p));
}

od_campaign_options texting_options(od_texting *p, const char *name)
{
    od_campaign_options o;
    stage_options(&p->stage, &o, name);
    o.channel = OD_CHANNEL_TEXT;
    o.prompts = NULL;
    o.prompts_len = 0;
    o.text = "Hello {{first_name|there}}, reply STOP to opt out";
    o.concurrent_max = 1000;
    return o;
}

od_id texting_go(od_texting *p)
{
    od_campaign_options o = texting_options(p, "texts");
    return stage_go(&p->stage, &o);
}

od_id texting_add(od_texting *p, const char *phone, const char *first_name)
{
    const od_contact contact = {.phone = phone, .first_name = first_name};
    od_id id = 0;
    stage_ok(&p->stage,
             od_contact_add(p->stage.engine, p->stage.group, &contact, &id));
    return id;
}

/* A report is heard of in the next step; what follows takes its time. */
void texting_run(od_texting *p, int64_t ms)
{
    stage_run(&p->stage, 1);
    stage_run(&p->stage, ms);
}

od_message_record texting_last_message(od_texting *p, uint64_t phone)
{
    od_message_record row;
    od_engine *engine = p->stage.engine;
    assert_int_equal(
        engine->storage_ops->message_last(engine->store, phone, 0, &row),
        OD_OK);
    return row;
}

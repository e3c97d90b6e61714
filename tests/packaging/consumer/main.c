/*
 * main.c - somebody's program, far from our tree: the installed headers and
 * library are all it has. C99 and C++11.
 */
#include <outdial/backend.h>
#include <outdial/outdial.h>

#include <stdio.h>

static int fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    return 1;
}

int main(void)
{
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    od_transport *sim = NULL;
    od_engine *engine = NULL;
    od_id group = 0;
    od_now now;
    od_now_read(&now);
    if (od_storage_new_memory(&storage, &errmsg) != OD_OK ||
        od_transport_new_sim(&sim, NULL, &errmsg) != OD_OK ||
        od_engine_new(&engine, NULL, storage, sim, &now, &errmsg) != OD_OK) {
        return fail(errmsg.text);
    }
    if (od_group_add(engine, "people", &group) != OD_OK ||
        od_engine_step(engine, &now) != OD_OK) {
        return fail(od_engine_errmsg(engine));
    }
    od_engine_free(engine);

    /* What a build leaves out says so; what it has is linked. */
    storage = NULL;
    od_err err = od_storage_open_sqlite(&storage, "consumer.db", &errmsg);
    od_storage_free(storage);
    if (err != OD_OK && err != OD_ERR_UNSUPPORTED) {
        return fail(errmsg.text);
    }
    od_sip_options options;
    od_sip_options_init(&options);
    err = od_transport_new_sip(&sim, &options, &errmsg);
    if (err != OD_ERR_INVALID && err != OD_ERR_UNSUPPORTED) {
        return fail("SIP without a trunk");
    }
    printf("consumer of liboutdial %s\n", od_version());
    return 0;
}

/*
 * test_transport_smpp.c - SMPP is a transport.
 *
 * Each transport has an SMSC of its own, in a thread of this process.
 */
#include "support/test.h"

#include "support/smsc_player.h"
#include "support/transport_suite.h"

/* The last one is dropped; the one before may still have a transport. */
static od_smsc_player *player_now;
static od_smsc_player *player_before;

static od_transport *make_smpp(int32_t texts_max)
{
    od_smsc_player_free(player_before);
    player_before = player_now;
    player_now = od_smsc_player_new(od_transport_suite_text_plays);
    od_smpp_trunk trunk;
    od_smpp_trunk_init(&trunk);
    trunk.name = "smsc";
    trunk.host = "127.0.0.1";
    trunk.port = od_smsc_player_port(player_now);
    trunk.system_id = "outdial";
    trunk.window = texts_max;
    trunk.texts_per_second_max = 10000;
    trunk.response_ms = 4000;
    trunk.reconnect_ms_min = 100;
    const od_smpp_trunk *trunks[] = {&trunk};
    od_smpp_options options;
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    od_transport *smpp = NULL;
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_smpp(&smpp, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return smpp;
}

static void drop(od_transport *smpp)
{
    (void)smpp;
    od_smsc_player_drop(player_now);
}

int main(void)
{
    static const od_transport_suite suite = {
        .make_texts = make_smpp,
        .real_time = true,
        .slack_ms = 250,
        .can = OD_FAR_RECEIPTS | OD_FAR_STATES | OD_FAR_PARTS | OD_FAR_AGAIN,
        .drop = drop};
    int failed = od_transport_suite_run(&suite);
    od_smsc_player_free(player_before);
    od_smsc_player_free(player_now);
    return failed;
}

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

/* Texts of the suite that arrived as they were sent. */
static bool heard_text;
static bool heard_long;

static void end_player(od_smsc_player *player)
{
    char long_text[OD_TRANSPORT_SUITE_LONG * 10 + 1];
    for (size_t i = 0; i < sizeof long_text - 1; i++) {
        long_text[i] = (char)('0' + i % 10);
    }
    long_text[sizeof long_text - 1] = '\0';
    if (player != NULL) {
        heard_text =
            heard_text || od_smsc_player_heard(player, OD_TRANSPORT_SUITE_TEXT);
        heard_long = heard_long || od_smsc_player_heard(player, long_text);
    }
    od_smsc_player_free(player);
}

static od_transport *make_smpp(int32_t texts_max)
{
    end_player(player_before);
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
    end_player(player_before);
    end_player(player_now);
    print_message("the SMSC heard any character: %d, a long text: %d\n",
                  heard_text, heard_long);
    return failed + !heard_text + !heard_long;
}

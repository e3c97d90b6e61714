/*
 * own_loop.c - the engine in the poll loop that a program has already.
 *
 *     own_loop outdial.db
 *
 * Dials what runs in a database, over a simulated carrier, and meanwhile obeys
 * lines on standard input: "pause ID", "resume ID", "quit". The engine brings
 * one descriptor and one deadline; everything else stays yours.
 */
#include <outdial/outdial.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds until the deadline, as poll() wants them. */
static int poll_timeout(const od_engine *engine, int64_t mono_ms)
{
    int64_t deadline = od_engine_deadline_ms(engine);
    if (deadline == OD_NEVER) {
        return -1;
    }
    int64_t left = deadline - mono_ms;
    return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* A line of the other descriptor. false: quit. */
static int obey(od_engine *engine, const char *line)
{
    long long id = 0;
    od_err err = OD_OK;
    if (strncmp(line, "quit", 4) == 0) {
        return 0;
    }
    if (sscanf(line, "pause %lld", &id) == 1) {
        err = od_campaign_pause(engine, id);
    } else if (sscanf(line, "resume %lld", &id) == 1) {
        err = od_campaign_resume(engine, id);
    }
    if (err != OD_OK) {
        printf("%s\n", od_engine_errmsg(engine));
    }
    return 1;
}

static void print_events(od_engine *engine)
{
    od_event event;
    while (od_engine_next_event(engine, &event)) {
        if (event.type == OD_EVENT_CALL_ANSWERED) {
            printf("%s answered\n", event.u.call.phone);
        } else if (event.type == OD_EVENT_CALL_ENDED) {
            printf("%s ended: %s\n", event.u.call.phone,
                   od_disposition_name(event.u.call.disposition));
        } else if (event.type == OD_EVENT_CAMPAIGN_STATE) {
            printf("campaign %lld is %s\n",
                   (long long)event.u.campaign.campaign,
                   od_campaign_state_name(event.u.campaign.state));
        }
    }
    fflush(stdout);
}

static void loop(od_engine *engine)
{
    struct pollfd fds[2] = {{.fd = od_engine_fd(engine), .events = POLLIN},
                            {.fd = STDIN_FILENO, .events = POLLIN}};
    int running = 1;
    od_now now;
    od_now_read(&now);
    while (running || od_engine_calls_live(engine) > 0) {
        poll(fds, 2, poll_timeout(engine, now.mono_ms));
        od_now_read(&now);
        od_engine_step(engine, &now); /* a failure comes as an event, too */
        print_events(engine);
        if (fds[1].revents != 0) {
            char line[128] = "";
            ssize_t len = read(STDIN_FILENO, line, sizeof line - 1);
            if (len <= 0 || !obey(engine, line)) {
                running = 0;
                fds[1].fd = -1;
                od_engine_stop(engine); /* hangs up; calls end soon */
            }
        }
    }
}

int main(int argc, char **argv)
{
    od_storage *storage = NULL;
    od_transport *carrier = NULL;
    od_engine *engine = NULL;
    od_errmsg why = {""};
    od_now now;
    od_now_read(&now);
    if (od_storage_open_sqlite(&storage, argc > 1 ? argv[1] : "outdial.db",
                               &why) != OD_OK ||
        od_transport_new_sim(&carrier, NULL, &why) != OD_OK ||
        od_engine_new(&engine, NULL, storage, carrier, &now, &why) != OD_OK) {
        fprintf(stderr, "own_loop: %s\n", why.text);
        od_transport_free(carrier);
        od_storage_free(storage);
        return 1;
    }
    loop(engine);
    od_engine_free(engine);
    return 0;
}

/*
 * text_far.c - see text_far.h.
 *
 * Everything but the list of what came belongs to the thread: texts whose plays
 * go on, and requests of its own that wait for an answer.
 */
#include "support/test.h"

#include "base/base.h"
#include "support/text_far.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_MAX 8192
#define TEXTS_MAX 1024 /* the oldest is forgotten */
#define HAD_MAX 4096
#define REPEAT_MS 500
#define TRIES_MAX 8

/* A MESSAGE that came. */
typedef struct text {
    const char *play; /* what is left of it; NULL: free or over */
    int64_t due_ms;
    struct sockaddr_in near;
    char branch[80];
    char answer[1400];  /* "" until there is one */
    char headers[1200]; /* of the request that its answer has */
    uint64_t to;
    uint64_t from;
    char id[128]; /* imdn.Message-ID */
} text;

/* A MESSAGE of ours. */
typedef struct request {
    bool live;
    uint32_t branch;
    int tries;
    int64_t due_ms;
    struct sockaddr_in near;
    char type[40];
    char body[1000];
    uint64_t to;
    uint64_t from;
} request;

struct od_text_far {
    int fd;
    int32_t port;
    atomic_bool stop;
    pthread_t thread;
    const od_far_play *plays;
    unsigned can;
    uint32_t branches;
    size_t texts_len; /* that came */
    size_t requests_len;
    text texts[TEXTS_MAX];
    request requests[TEXTS_MAX];
    pthread_mutex_t lock; /* of what came: */
    size_t had_len;
    char *had[HAD_MAX];
};

static int64_t now_ms(void)
{
    return od__mono_us() / 1000;
}

static void put(const od_text_far *far, const struct sockaddr_in *near,
                const char *packet)
{
    (void)sendto(far->fd, packet, strlen(packet), 0,
                 (const struct sockaddr *)near, sizeof *near);
}

/* What follows `before`, up to one of `stops`. */
static void copy_after(const char *packet, const char *before,
                       const char *stops, char *out, size_t out_size)
{
    const char *at = strstr(packet, before);
    at = at != NULL ? at + strlen(before) : "";
    (void)snprintf(out, out_size, "%.*s", (int)strcspn(at, stops), at);
}

static uint64_t number_after(const char *packet, const char *before)
{
    char digits[40];
    copy_after(packet, before, "@>;", digits, sizeof digits);
    return strtoull(digits[0] == '+' ? digits + 1 : digits, NULL, 10);
}

/* == requests of ours ===================================================== */

static void send_request(od_text_far *far, request *r)
{
    char packet[PACKET_MAX];
    (void)snprintf(packet, sizeof packet,
                   "MESSAGE sip:%s%" PRIu64 "@127.0.0.1 SIP/2.0\r\n"
                   "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKfar%u\r\n"
                   "Max-Forwards: 70\r\n"
                   "From: <sip:+%" PRIu64 "@127.0.0.1>;tag=far%u\r\n"
                   "To: <sip:%s%" PRIu64 "@127.0.0.1>\r\n"
                   "Call-ID: far%u\r\n"
                   "CSeq: 1 MESSAGE\r\n"
                   "Content-Type: %s\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   r->to < 1000000 ? "" : "+", r->to, far->port, r->branch,
                   r->from, r->branch, r->to < 1000000 ? "" : "+", r->to,
                   r->branch, r->type, strlen(r->body), r->body);
    put(far, &r->near, packet);
}

static request *new_request(od_text_far *far, const text *t, const char *type)
{
    request *r = &far->requests[far->requests_len++ % TEXTS_MAX];
    memset(r, 0, sizeof *r);
    r->live = true;
    r->branch = ++far->branches;
    r->near = t->near;
    r->to = t->from;
    r->from = t->to;
    (void)snprintf(r->type, sizeof r->type, "%s", type);
    return r;
}

static void notify(od_text_far *far, const text *t, const char *status)
{
    request *r = new_request(far, t, "message/imdn+xml");
    (void)snprintf(r->body, sizeof r->body,
                   "<?xml version=\"1.0\"?>\r\n"
                   "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
                   "<message-id>%s</message-id><delivery-notification>"
                   "<status><%s/></status></delivery-notification></imdn>",
                   t->id, status);
}

/* + stands for a space, %2B for +. */
static void reply(od_text_far *far, const text *t, const char *word)
{
    request *r = new_request(far, t, "text/plain;charset=UTF-8");
    size_t len = 0;
    for (; *word != '\0' && *word != ' ' && len < sizeof r->body - 1; word++) {
        unsigned byte = *word == '+' ? ' ' : (unsigned char)*word;
        if (*word == '%' && sscanf(word + 1, "%2x", &byte) == 1) {
            word += 2;
        }
        r->body[len++] = (char)byte;
    }
}

static void on_answer(od_text_far *far, const char *packet)
{
    char branch[40];
    char after[20];
    copy_after(packet, "branch=z9hG4bKfar", ";\r\n", branch, sizeof branch);
    copy_after(packet, "Retry-After: ", "\r\n", after, sizeof after);
    for (size_t i = 0; i < TEXTS_MAX; i++) {
        request *r = &far->requests[i];
        if (!r->live || strtoul(branch, NULL, 10) != r->branch) {
            continue;
        }
        r->live = strncmp(packet + 8, "503", 3) == 0;
        r->branch = ++far->branches;
        r->tries = 0;
        r->due_ms = now_ms() + atoi(after) * 1000;
    }
}

static void go_on_request(od_text_far *far, request *r)
{
    if (r->live && r->due_ms <= now_ms()) {
        send_request(far, r);
        r->due_ms = now_ms() + REPEAT_MS;
        r->live = ++r->tries < TRIES_MAX;
    }
}

/* == texts that came ====================================================== */

static void answer(const od_text_far *far, text *t, const char *status)
{
    (void)snprintf(t->answer, sizeof t->answer,
                   "SIP/2.0 %s\r\n%sContent-Length: 0\r\n\r\n", status,
                   t->headers);
    put(far, &t->near, t->answer);
}

static void reject(const od_text_far *far, text *t, int status)
{
    answer(far, t,
           status == 11   ? "404 Not Found"
           : status == 69 ? "500 Server Error"
                          : "503 Service Unavailable");
}

/* Do one word and go behind it. */
static void go_on_text(od_text_far *far, text *t)
{
    char word[40];
    char next[40];
    if (t->play == NULL || t->due_ms > now_ms()) {
        return;
    }
    copy_after(t->play, "", " ", word, sizeof word);
    const char *rest = strchr(t->play, ' ');
    rest = rest != NULL ? rest + 1 : "";
    copy_after(rest, "", " ", next, sizeof next);
    bool has_next = true;
    if (strcmp(word, "wait") == 0) {
        bool ms = strstr(next, "ms") != NULL;
        t->due_ms = now_ms() + (int64_t)atoi(next) * (ms ? 1 : 1000);
    } else if (strcmp(word, "reject") == 0) {
        reject(far, t, atoi(next));
    } else if (strcmp(word, "reply") == 0) {
        reply(far, t, rest);
    } else {
        has_next = false;
        if (strcmp(word, "accept") == 0) {
            answer(far, t, "202 Accepted");
        } else if (strcmp(word, "delivered") == 0 ||
                   strcmp(word, "failed") == 0) {
            notify(far, t, word);
        }
    }
    if (has_next) {
        rest = strchr(rest, ' ');
        rest = rest != NULL ? rest + 1 : "";
    }
    t->play = rest[0] != '\0' ? rest : NULL;
}

static const char *play_of(const od_text_far *far, uint64_t phone)
{
    for (const od_far_play *p = far->plays; p->phone != 0; p++) {
        if (p->phone == phone && (p->needs & ~far->can) == 0) {
            return p->play;
        }
    }
    return "accept";
}

static void note_had(od_text_far *far, const char *packet)
{
    const char *body = strstr(packet, "\r\n\r\n");
    body = body != NULL ? body + 4 : "";
    if (strstr(packet, "Content-Type: message/cpim") != NULL) {
        for (int i = 0; i < 2 && body != NULL; i++) {
            body = strstr(body, "\r\n\r\n");
            body = body != NULL ? body + 4 : NULL;
        }
    }
    (void)pthread_mutex_lock(&far->lock);
    if (body != NULL && far->had_len < HAD_MAX) {
        far->had[far->had_len++] = strdup(body);
    }
    (void)pthread_mutex_unlock(&far->lock);
}

static void copy_headers(const char *packet, char *out, size_t out_size)
{
    static const char *const names[] = {
        "\r\nVia: ", "\r\nFrom: ", "\r\nTo: ", "\r\nCall-ID: ", "\r\nCSeq: "};
    od__writer writer;
    od__writer_init(&writer, out, out_size);
    for (size_t i = 0; i < OD__LEN(names); i++) {
        char value[400];
        copy_after(packet, names[i], "\r\n", value, sizeof value);
        od__write(&writer, "%s%s%s\r\n", names[i] + 2, value,
                  i == 2 ? ";tag=far" : "");
    }
}

static void on_text(od_text_far *far, const char *packet,
                    const struct sockaddr_in *near)
{
    char branch[80];
    copy_after(packet, "branch=", ";\r\n", branch, sizeof branch);
    for (size_t i = 0; i < TEXTS_MAX; i++) {
        if (strcmp(far->texts[i].branch, branch) == 0) {
            if (far->texts[i].answer[0] != '\0') {
                put(far, near, far->texts[i].answer);
            }
            return; /* it was repeated */
        }
    }
    text *t = &far->texts[far->texts_len++ % TEXTS_MAX];
    memset(t, 0, sizeof *t);
    memcpy(t->branch, branch, sizeof branch);
    t->near = *near;
    t->to = number_after(packet, "\r\nTo: <sip:");
    t->from = number_after(packet, "\r\nFrom: <sip:");
    t->play = play_of(far, t->to);
    copy_after(packet, "imdn.Message-ID: ", "\r\n", t->id, sizeof t->id);
    copy_headers(packet, t->headers, sizeof t->headers);
    note_had(far, packet);
}

/* == the thread =========================================================== */

static void take(od_text_far *far)
{
    char packet[PACKET_MAX];
    struct sockaddr_in near;
    for (;;) {
        socklen_t near_len = sizeof near;
        ssize_t len = recvfrom(far->fd, packet, sizeof packet - 1, MSG_DONTWAIT,
                               (struct sockaddr *)&near, &near_len);
        if (len <= 0) {
            return;
        }
        packet[len] = '\0';
        if (strncmp(packet, "MESSAGE ", 8) == 0) {
            on_text(far, packet, &near);
        } else if (strncmp(packet, "SIP/2.0 ", 8) == 0) {
            on_answer(far, packet);
        } else if (strncmp(packet, "OPTIONS ", 8) == 0) {
            text asked = {.near = near};
            copy_headers(packet, asked.headers, sizeof asked.headers);
            answer(far, &asked, "200 OK");
        }
    }
}

static void *run(void *arg)
{
    od_text_far *far = arg;
    struct pollfd fd = {.fd = far->fd, .events = POLLIN};
    while (!atomic_load(&far->stop)) {
        (void)poll(&fd, 1, 5);
        take(far);
        for (size_t i = 0; i < TEXTS_MAX; i++) {
            go_on_text(far, &far->texts[i]);
            go_on_request(far, &far->requests[i]);
        }
    }
    return NULL;
}

od_text_far *od_text_far_new(const od_far_play *plays, unsigned can)
{
    struct sockaddr_in local = {.sin_family = AF_INET};
    socklen_t len = sizeof local;
    od_text_far *far = calloc(1, sizeof *far);
    assert_non_null(far);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    far->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(far->fd >= 0);
    assert_int_equal(0, bind(far->fd, (struct sockaddr *)&local, sizeof local));
    assert_int_equal(0, getsockname(far->fd, (struct sockaddr *)&local, &len));
    far->port = ntohs(local.sin_port);
    far->plays = plays;
    far->can = can;
    assert_int_equal(0, pthread_mutex_init(&far->lock, NULL));
    assert_int_equal(0, pthread_create(&far->thread, NULL, run, far));
    return far;
}

int32_t od_text_far_port(const od_text_far *far)
{
    return far->port;
}

bool od_text_far_had(od_text_far *far, const char *wanted)
{
    bool had = false;
    (void)pthread_mutex_lock(&far->lock);
    for (size_t i = 0; i < far->had_len && !had; i++) {
        had = strcmp(far->had[i], wanted) == 0;
    }
    (void)pthread_mutex_unlock(&far->lock);
    return had;
}

void od_text_far_free(od_text_far *far)
{
    if (far == NULL) {
        return;
    }
    atomic_store(&far->stop, true);
    (void)pthread_join(far->thread, NULL);
    for (size_t i = 0; i < far->had_len; i++) {
        free(far->had[i]);
    }
    (void)pthread_mutex_destroy(&far->lock);
    (void)close(far->fd);
    free(far);
}

/* dew_fetch over TLS and through proxies: certificates that are believed and that are not, CONNECT. The peers are threads
 * that serve one connection after the other; the authority is made here, and no other knows it. */
#include "support/fetch_upstream.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const char answer_text[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret";

/* ---- the authority, and a certificate of its for "localhost" ---- */

static EVP_PKEY *key;
static X509 *authority, *certificate;
static char folder[] = "/tmp/dew-fetch-XXXXXX", ca_file[64], no_file[64];

static void extend(X509 *to, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, authority, to, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(to, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* Of the authority, or the authority itself. */
static X509 *certify(const char *name, bool is_authority)
{
    X509 *made = X509_new();
    assert_non_null(made);
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), is_authority ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    if (is_authority)
        authority = made;
    X509_set_issuer_name(made, X509_get_subject_name(authority));
    extend(made, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!is_authority)
        extend(made, NID_subject_alt_name, "DNS:localhost");
    assert_true(X509_sign(made, key, EVP_sha256()) > 0);
    return made;
}

static int make_authority(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    key = EVP_EC_gen("P-256");
    authority = certify("the tests' authority", true);
    certificate = certify("localhost", false);
    assert_non_null(mkdtemp(folder));
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", folder);
    snprintf(no_file, sizeof no_file, "%s/none.pem", folder);
    FILE *file = fopen(ca_file, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, authority), 1);
    fclose(file);
    return 0;
}

static int forget_authority(void **state)
{
    (void)state;
    unlink(ca_file);
    rmdir(folder);
    X509_free(certificate);
    X509_free(authority);
    EVP_PKEY_free(key);
    return 0;
}

/* ---- peers ---- */

typedef struct peer {
    void (*serve)(struct peer *peer, int fd);
    pthread_t thread;
    int listening, port;
    bool refuses;       /* a proxy that opens no tunnel */
    char asked[1024];   /* the first request; for the test once the fetch is done and the peer stopped */
} peer;

static void *run(void *arg)
{
    peer *p = arg;
    for (int fd; (fd = accept(p->listening, NULL, NULL)) >= 0;) {
        p->serve(p, fd);
        close(fd);
    }
    return NULL;
}

static void peer_start(peer *p)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    p->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(p->listening, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(p->listening, 16), 0);
    assert_int_equal(getsockname(p->listening, (struct sockaddr *)&at, &len), 0);
    p->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&p->thread, NULL, run, p), 0);
}

static void peer_stop(peer *p)
{
    shutdown(p->listening, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    close(p->listening);
}

/* To the end of the head. */
static bool read_head(int fd, char *text, size_t size)
{
    size_t len = 0;
    text[0] = '\0';
    while (strstr(text, "\r\n\r\n") == NULL) {
        ssize_t got = len + 1 < size ? read(fd, text + len, size - len - 1) : 0;
        if (got <= 0)
            return false;
        len += (size_t)got;
        text[len] = '\0';
    }
    return true;
}

static bool send_text(int fd, const char *text)
{
    return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static void serve_tls(peer *p, int fd)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    int got = SSL_accept(ssl) == 1 ? SSL_read(ssl, p->asked, sizeof p->asked - 1) : 0;
    if (got > 0) {
        p->asked[got] = '\0';
        SSL_write(ssl, answer_text, sizeof answer_text - 1);
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
}

/* Until one side ends. */
static void pass_on(int a, int b)
{
    struct pollfd ends[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
    char bytes[4096];
    while (poll(ends, 2, -1) > 0)
        for (int i = 0; i < 2; i++) {
            if (ends[i].revents == 0)
                continue;
            ssize_t got = read(ends[i].fd, bytes, sizeof bytes);
            if (got <= 0 || write(ends[1 - i].fd, bytes, (size_t)got) != got)
                return;
        }
}

/* An HTTP proxy: opens tunnels to ports of this machine, and answers all else itself. */
static void serve_proxy(peer *p, int fd)
{
    if (!read_head(fd, p->asked, sizeof p->asked))
        return;
    const char *port = strstr(p->asked, "CONNECT localhost:");
    if (port != p->asked || p->refuses) {
        send_text(fd, p->refuses ? "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" : answer_text);
        return;
    }
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)atoi(port + strlen("CONNECT localhost:"))),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int upstream = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(upstream, (struct sockaddr *)&to, sizeof to) == 0 &&
        send_text(fd, "HTTP/1.1 200 Connection established\r\nX-Of: proxy\r\n\r\n"))
        pass_on(fd, upstream);
    close(upstream);
}

/* Says nothing, until the other side hangs up. */
static void serve_silence(peer *p, int fd)
{
    while (read(fd, p->asked, sizeof p->asked) > 0)
        continue;
}

static int fetch_from(const peer *p, const char *host, dew_fetch_options options)
{
    char url[128];
    snprintf(url, sizeof url, "https://%s:%d/where", host, p->port);
    return fetch(url, options);
}

/* ---- the tests ---- */

static void a_certificate_of_the_given_authority_is_believed(void **state)
{
    (void)state;
    peer upstream = { .serve = serve_tls };
    peer_start(&upstream);
    assert_int_equal(fetch_from(&upstream, "localhost", (dew_fetch_options){ .ca_file = ca_file }), 0);
    assert_string_equal(f.answer.body.ptr, "secret");
    peer_stop(&upstream);
    assert_memory_equal(upstream.asked, "GET /where HTTP/1.1\r\n", 21);
}

static void certificates_that_do_not_hold_are_refused_in_clear_words(void **state)
{
    (void)state;
    peer upstream = { .serve = serve_tls };
    peer_start(&upstream);
    assert_int_equal(fetch_from(&upstream, "localhost", (dew_fetch_options){ 0 }), DEW_E_IO); /* not the system's */
    assert_non_null(strstr(f.scope.error.message, "the upstream's certificate is refused"));
    assert_int_equal(fetch_from(&upstream, "127.0.0.1", (dew_fetch_options){ .ca_file = ca_file }), DEW_E_IO);
    assert_non_null(strstr(f.scope.error.message, "the upstream's certificate is refused"));
    assert_non_null(strstr(f.scope.error.message, "127.0.0.1"));
    assert_int_equal(fetch_from(&upstream, "localhost", (dew_fetch_options){ .ca_file = no_file }), DEW_E_IO);
    assert_non_null(strstr(f.scope.error.message, no_file));
    peer_stop(&upstream);
    assert_string_equal(upstream.asked, ""); /* nothing was sent to it */
}

static void a_handshake_that_does_not_end_is_given_up_with_the_scope(void **state)
{
    (void)state;
    peer upstream = { .serve = serve_silence };
    peer_start(&upstream);
    char url[64];
    snprintf(url, sizeof url, "https://localhost:%d/", upstream.port);
    fetch_start(url, (dew_fetch_options){ .ca_file = ca_file });
    while (f.outgoing.counts.connections == 0)
        dew_loop_turn(f.loop, true);
    dew_scope_end(&f.scope, DEW_END_CLIENT_GONE);
    dew_loop_turn(f.loop, false);
    assert_true(f.is_done);
    assert_int_equal(f.code, DEW_E_CANCELLED);
    assert_int_equal(f.outgoing.counts.connections, 0);
    peer_stop(&upstream); /* ends because the connection was closed */
}

static void a_proxy_is_asked_for_the_whole_address(void **state)
{
    (void)state;
    peer proxy = { .serve = serve_proxy };
    peer_start(&proxy);
    char at[64];
    snprintf(at, sizeof at, "http://127.0.0.1:%d", proxy.port);
    assert_int_equal(fetch("http://upstream.test/where", (dew_fetch_options){ .proxy = at }), 0);
    assert_string_equal(f.answer.body.ptr, "secret");
    peer_stop(&proxy);
    assert_memory_equal(proxy.asked, "GET http://upstream.test/where HTTP/1.1\r\n", 41);
}

static void https_goes_through_a_tunnel_of_the_proxy(void **state)
{
    (void)state;
    static const dew_header key_header = { DEW_S_INIT("X-Key"), DEW_S_INIT("k") };
    peer upstream = { .serve = serve_tls }, proxy = { .serve = serve_proxy };
    peer_start(&upstream);
    peer_start(&proxy);
    char at[64];
    snprintf(at, sizeof at, "http://127.0.0.1:%d", proxy.port);
    dew_fetch_options options = { .proxy = at, .ca_file = ca_file, .headers = &key_header, .header_count = 1 };
    assert_int_equal(fetch_from(&upstream, "localhost", options), 0);
    assert_string_equal(f.answer.body.ptr, "secret");
    assert_null(dew_response_header(&f.answer, "X-Of").ptr); /* the upstream's head, not the proxy's */
    peer_stop(&proxy);
    peer_stop(&upstream);
    assert_memory_equal(proxy.asked, "CONNECT localhost:", 18);
    assert_null(strstr(proxy.asked, "X-Key")); /* for the upstream's eyes */
    assert_non_null(strstr(upstream.asked, "X-Key: k\r\n"));
}

static void a_proxy_that_opens_no_tunnel_is_an_io_error(void **state)
{
    (void)state;
    peer upstream = { .serve = serve_tls }, proxy = { .serve = serve_proxy, .refuses = true };
    peer_start(&upstream);
    peer_start(&proxy);
    char at[64];
    snprintf(at, sizeof at, "http://127.0.0.1:%d", proxy.port);
    assert_int_equal(fetch_from(&upstream, "localhost", (dew_fetch_options){ .proxy = at, .ca_file = ca_file }),
                     DEW_E_IO);
    assert_non_null(strstr(f.scope.error.message, "403"));
    peer_stop(&proxy);
    peer_stop(&upstream);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fetch_upstream_setup, fetch_upstream_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_certificate_of_the_given_authority_is_believed),
        TEST(certificates_that_do_not_hold_are_refused_in_clear_words),
        TEST(a_handshake_that_does_not_end_is_given_up_with_the_scope),
        TEST(a_proxy_is_asked_for_the_whole_address),
        TEST(https_goes_through_a_tunnel_of_the_proxy),
        TEST(a_proxy_that_opens_no_tunnel_is_an_io_error),
    };
    return cmocka_run_group_tests(tests, make_authority, forget_authority);
}

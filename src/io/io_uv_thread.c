/* io_uv_thread.c - threads and their signal masks (design rule 11: threads start only in src/io). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setname_np */
#endif
#include "io/io_uv_internal.h"

#include <pthread.h>

static void body(void *arg)
{
    dew_uv_thread *thread = arg;
#ifdef __linux__
    char name[16];
    size_t len = strnlen(thread->name, sizeof name - 1);
    memcpy(name, thread->name, len);
    name[len] = '\0';
    pthread_setname_np(pthread_self(), name);
#endif
    thread->run(thread->arg);
}

int dew_uv_thread_start(dew_uv_thread *thread, const char *name, void (*run)(void *arg), void *arg)
{
    *thread = (dew_uv_thread){ .name = name, .run = run, .arg = arg };
    /* blocked before it starts, so that there is no moment at which a signal can land on it */
    sigset_t blocked, before;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGTRAP);
    sigdelset(&blocked, SIGABRT);
    sigdelset(&blocked, SIGPROF); /* profilers sample every thread */
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int status = uv_thread_create(&thread->id, body, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status == UV_EAGAIN ? DEW_E_LIMIT : dew_uv_error(status);
}

void dew_uv_thread_join(dew_uv_thread *thread)
{
    uv_thread_join(&thread->id);
}

static bool is_sigpipe_pending(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

void dew_uv_sigpipe_block(dew_uv_sigpipe *state)
{
    sigset_t sigpipe;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    state->was_pending = is_sigpipe_pending();
    pthread_sigmask(SIG_BLOCK, &sigpipe, &state->mask_before);
}

void dew_uv_sigpipe_restore(const dew_uv_sigpipe *state)
{
    if (sigismember(&state->mask_before, SIGPIPE) == 1)
        return; /* blocked anyway: it stays pending, harmless, until the thread ends */
    if (!state->was_pending && is_sigpipe_pending()) {
        sigset_t sigpipe;
        sigemptyset(&sigpipe);
        sigaddset(&sigpipe, SIGPIPE);
        int number;
        sigwait(&sigpipe, &number);
    }
    pthread_sigmask(SIG_SETMASK, &state->mask_before, NULL);
}

/* gate.c - see gate.h: a semaphore that is posted once. */
#include "io/gate.h"

#include <stdlib.h>
#include <uv.h>

struct dew_gate {
    uv_sem_t semaphore;
};

dew_gate *dew_gate_create(void)
{
    dew_gate *gate = malloc(sizeof *gate);
    if (gate != NULL && uv_sem_init(&gate->semaphore, 0) != 0) {
        free(gate);
        return NULL;
    }
    return gate;
}

void dew_gate_destroy(dew_gate *gate)
{
    if (gate == NULL)
        return;
    uv_sem_destroy(&gate->semaphore);
    free(gate);
}

void dew_gate_open(dew_gate *gate)
{
    uv_sem_post(&gate->semaphore);
}

void dew_gate_wait(dew_gate *gate)
{
    uv_sem_wait(&gate->semaphore);
}

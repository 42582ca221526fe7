/* fiber_fcontext.c - switching stacks by Boost.Context's assembler, through its C symbols: 4 ns a switch.
 *
 * Boost's headers are C++, hence the declarations (boost/context/detail/fcontext.hpp, Boost 1.61 and later). It saves
 * the callee-saved registers and the floating-point control words; no signal mask. */
#include "io/fiber_internal.h"

#ifndef DEW_FIBER_PORTABLE

typedef void *fcontext_t;

typedef struct transfer {
    fcontext_t left; /* where the one who switched to us goes on */
    void *data;
} transfer;

extern transfer jump_fcontext(fcontext_t to, void *data);
extern fcontext_t make_fcontext(void *stack_top, size_t size, void (*fn)(transfer));

/* What travels with a switch. Only the arriving side learns where the leaving one goes on, so it writes that down. */
typedef struct passage {
    dew_context *from, *to;
} passage;

static passage *arrive(transfer arrived)
{
    passage *way = arrived.data;
    way->from->at = arrived.left;
    return way;
}

static void start(transfer arrived)
{
    dew_context_enter(arrive(arrived)->to);
}

int dew_context_make(dew_context *context)
{
    context->at = make_fcontext((char *)(uintptr_t)context->stack + context->stack_size, context->stack_size, start);
    return 0;
}

void dew_context_jump(dew_context *from, dew_context *to)
{
    passage way = { from, to };
    arrive(jump_fcontext(to->at, &way));
}

#endif

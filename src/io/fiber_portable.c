/* fiber_portable.c - switching stacks with what POSIX has: makecontext once per fiber to get onto the new stack, then
 * sigsetjmp and siglongjmp (Engelschall 2000), which do not save the signal mask and so make no system call.
 *
 * Where Boost.Context is absent. Not under ThreadSanitizer, which follows setjmp per thread. */
#undef _FORTIFY_SOURCE /* its longjmp takes a jump to another stack for an attack */

#include "io/fiber_internal.h"

#ifdef DEW_FIBER_PORTABLE

#include <ucontext.h>

typedef struct beginning {
    dew_context *context;
    ucontext_t creator, fiber;
} beginning;

/* makecontext passes ints: the pointer comes in two halves. */
static void start(unsigned high, unsigned low)
{
    beginning *begin = (beginning *)((uintptr_t)high << 16 << 16 | low);
    dew_context *context = begin->context;
    if (sigsetjmp(context->at, 0) == 0)
        swapcontext(&begin->fiber, &begin->creator); /* back to dew_context_make, for good */
    dew_context_enter(context);
}

int dew_context_make(dew_context *context)
{
    beginning begin = { .context = context };
    if (getcontext(&begin.fiber) != 0)
        return DEW_E_NOMEM;
    begin.fiber.uc_stack.ss_sp = (void *)(uintptr_t)context->stack;
    begin.fiber.uc_stack.ss_size = context->stack_size;
    begin.fiber.uc_link = NULL;
    uintptr_t address = (uintptr_t)&begin;
    makecontext(&begin.fiber, (void (*)(void))start, 2, (unsigned)(address >> 16 >> 16), (unsigned)address);
    return swapcontext(&begin.creator, &begin.fiber) == 0 ? 0 : DEW_E_NOMEM;
}

void dew_context_jump(dew_context *from, dew_context *to)
{
    if (sigsetjmp(from->at, 0) == 0)
        siglongjmp(to->at, 1);
}

#endif

/* dew/dep.h - typed dependencies: what handlers need and the application or a guard provides (a pool, a client, a limit).
 *
 *     // upstream.h
 *     DEW_DEP(upstream, struct upstream *)
 *     // in the configuration                       // in a handler
 *     .deps = DEW_DEPS(DEW_PROVIDE(upstream, &u))   struct upstream *u = upstream_get(scope);
 *
 * Looked up in the scope, then in its parents, then in what the application provides; set and remove act on the one scope
 * that they are given. Values are copied. A dependency is no input: results are not keyed by it, so what differs from one
 * visitor to the next belongs into the identity, a cookie or a header. A loader's scope has the application's
 * dependencies and its own, not those of the request that asked for it. */
#ifndef DEW_DEP_H
#define DEW_DEP_H

#include <dew/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dew_scope;

/* Largest value of a dependency, in bytes: provide a pointer to what is larger. */
#define DEW_DEP_SIZE_MAX 64

/* Names a dependency by its address: one per program, in however many files the header is included. */
typedef struct dew_dep {
    const char *name;
    size_t size; /* of a value */
} dew_dep;

/* One provided value. */
typedef struct dew_provided {
    const dew_dep *dep; /* NULL ends the array */
    const void *value;  /* dep->size bytes, borrowed as long as the application lives */
} dew_provided;

/* Copies the value to `out`. False: there is none, and *out is zeroed. */
bool dew_dep_get(const struct dew_scope *scope, const dew_dep *dep, void *out);
/* 0 or DEW_E_NOMEM (the handler has failed then: dew_fail). The value is copied. */
int dew_dep_set(struct dew_scope *scope, const dew_dep *dep, const void *value);
/* Hides the dependency in this scope and below, the parents' and the application's too. As dew_dep_set. */
int dew_dep_remove(struct dew_scope *scope, const dew_dep *dep);

/* DEW_DEP(upstream, struct upstream *) declares
 *     struct upstream *upstream_get(const dew_scope *);    zero when there is none
 *     bool             upstream_has(const dew_scope *);
 *     int              upstream_set(dew_scope *, struct upstream *);
 *     int              upstream_remove(dew_scope *);
 *     extern const dew_dep upstream_dep; */
#define DEW_DEP(name_, type_)                                                                                         \
    typedef type_ name_##_dep_type;                                                                                   \
    _Static_assert(sizeof(name_##_dep_type) <= DEW_DEP_SIZE_MAX, "a dependency is at most 64 bytes: give a pointer"); \
    extern const dew_dep name_##_dep;                                                                                 \
    __attribute__((weak)) const dew_dep name_##_dep = { #name_, sizeof(name_##_dep_type) };                           \
    __attribute__((unused)) static inline name_##_dep_type name_##_get(const struct dew_scope *scope)                 \
    {                                                                                                                 \
        name_##_dep_type value;                                                                                       \
        dew_dep_get(scope, &name_##_dep, &value);                                                                     \
        return value;                                                                                                 \
    }                                                                                                                 \
    __attribute__((unused)) static inline bool name_##_has(const struct dew_scope *scope)                             \
    {                                                                                                                 \
        name_##_dep_type value;                                                                                       \
        return dew_dep_get(scope, &name_##_dep, &value);                                                              \
    }                                                                                                                 \
    __attribute__((unused)) static inline int name_##_set(struct dew_scope *scope, name_##_dep_type value)            \
    {                                                                                                                 \
        return dew_dep_set(scope, &name_##_dep, &value);                                                              \
    }                                                                                                                 \
    __attribute__((unused)) static inline int name_##_remove(struct dew_scope *scope)                                 \
    {                                                                                                                 \
        return dew_dep_remove(scope, &name_##_dep);                                                                   \
    }

/* DEW_DEPS(DEW_PROVIDE(upstream, &u), …) → (const dew_provided[]){ { &upstream_dep, &(upstream_dep_type){ &u } }, …, { 0 } }.
 * At file scope it is static; in a function it lives as long as its block. */
#define DEW_PROVIDE(name_, ...) { &name_##_dep, &(name_##_dep_type){ __VA_ARGS__ } }
#define DEW_DEPS(...) ((const dew_provided[]){ __VA_ARGS__, { NULL, NULL } })

#ifdef __cplusplus
}
#endif
#endif

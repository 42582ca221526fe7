/* cache.c - see cache.h. */
#include "page/cache.h"

#include "type/diff.h"
#include "type/json.h"

#include <stdlib.h>

#define SCRATCH_MAX (64u << 20) /* canonical text of one value */

/* ---- small things ---- */

static char *keep(dew_str text)
{
    char *copy = malloc(text.len + 1);
    if (copy != NULL) {
        memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
    }
    return copy;
}

static bool position_covers(dew_position a, dew_position b)
{
    return a.commit >= b.commit && a.topic >= b.topic;
}

static dew_position position_of(dew_wire_at at)
{
    dew_position position = { at.count > 0 ? at.items[0] : 0, at.count > 1 ? at.items[1] : 0 };
    return position;
}

/* An epoch too long to be one is no epoch: then the server sends the whole. */
static void copy_epoch(char *to, dew_str epoch)
{
    size_t len = epoch.len <= DEW_EPOCH_MAX ? epoch.len : 0;
    memcpy(to, epoch.ptr, len);
    to[len] = '\0';
}

static void copy_hash(dew_entry *entry, bool is_given, dew_str hash)
{
    memset(entry->hash, 0, sizeof entry->hash);
    if (is_given && hash.len == sizeof entry->hash)
        memcpy(entry->hash, hash.ptr, sizeof entry->hash);
}

/* ---- entries ---- */

void dew_cache_init(dew_cache *cache, void (*send)(void *context, dew_str text), void *context)
{
    *cache = (dew_cache){ .send = send, .context = context };
    dew_list_init(&cache->entries);
    dew_buf_init(&cache->scratch, SCRATCH_MAX);
}

static void remove_entry(dew_cache *cache, dew_entry *entry)
{
    dew_list_unlink(&entry->link);
    cache->entry_count--;
    free(entry->name);
    free(entry->args);
    free(entry->raw);
    free(entry->query);
    dew_arena_dispose(&entry->arena);
    free(entry);
}

void dew_cache_dispose(dew_cache *cache)
{
    dew_list_each_safe(at, &cache->entries)
        remove_entry(cache, dew_container_of(at, dew_entry, link));
    dew_buf_dispose(&cache->scratch);
}

static dew_entry *find_entry(dew_cache *cache, dew_str name, dew_str args)
{
    dew_list_each(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (strlen(entry->args) == args.len && memcmp(entry->args, args.ptr, args.len) == 0 &&
            dew_str_eq(dew_str_of(entry->name), name))
            return entry;
    }
    return NULL;
}

static dew_entry *find_subscription(dew_cache *cache, int id)
{
    dew_list_each(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (entry->id == id)
            return id != 0 ? entry : NULL;
    }
    return NULL;
}

static dew_entry *find_query(dew_cache *cache, dew_str query)
{
    dew_list_each(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (entry->query != NULL && dew_str_eq(dew_str_of(entry->query), query))
            return entry;
    }
    return NULL;
}

static void unsubscribe(dew_cache *cache, dew_entry *entry)
{
    if (entry->id == 0)
        return;
    cache->unanswered_count -= !entry->is_answered;
    dew_buf_clear(&cache->scratch);
    dew_buf_putf(&cache->scratch, "{\"type\":\"unsubscribe\",\"id\":%d}", entry->id);
    cache->send(cache->context, dew_buf_str(&cache->scratch));
    entry->id = 0;
    free(entry->query);
    entry->query = NULL;
}

static dew_entry *add_entry(dew_cache *cache, dew_str name, dew_str args)
{
    if (cache->entry_count == DEW_CACHE_ENTRIES_MAX) {
        dew_list_each(at, &cache->entries) { /* one that nobody looks at makes room */
            dew_entry *idle = dew_container_of(at, dew_entry, link);
            if (idle->idle_since_ms == 0)
                continue;
            unsubscribe(cache, idle);
            remove_entry(cache, idle);
            break;
        }
    }
    dew_entry *entry = cache->entry_count < DEW_CACHE_ENTRIES_MAX ? calloc(1, sizeof *entry) : NULL;
    if (entry == NULL)
        return NULL;
    dew_list_push_back(&cache->entries, &entry->link);
    cache->entry_count++;
    dew_arena_init(&entry->arena, DEW_CACHE_VALUE_MAX);
    entry->name = keep(name);
    entry->args = keep(args);
    if (entry->name == NULL || entry->args == NULL) {
        remove_entry(cache, entry);
        return NULL;
    }
    return entry;
}

/* ---- values ---- */

static void fail_entry(dew_entry *entry, int code, const char *message)
{
    entry->state = DEW_ENTRY_FAILED;
    dew_error_set(&entry->error, code, "%s", message);
}

/* Makes `value` in `arena` the entry's. */
static void replace_value(dew_entry *entry, dew_arena *arena, void *value)
{
    dew_arena_dispose(&entry->arena);
    entry->arena = *arena;
    entry->value = value;
    free(entry->raw);
    entry->raw = NULL;
    entry->state = DEW_ENTRY_READY;
}

/* The JSON becomes the entry's typed value. */
static int parse_value(dew_entry *entry, dew_str json, dew_error *error)
{
    const dew_type *type = entry->fn->value();
    dew_arena arena;
    dew_arena_init(&arena, DEW_CACHE_VALUE_MAX);
    void *value = dew_arena_calloc(&arena, 1, type->size);
    int code = value == NULL ? DEW_E_NOMEM : dew_json_read(&arena, json, type, value, entry->name, error);
    if (code != 0) {
        dew_arena_dispose(&arena);
        return code;
    }
    replace_value(entry, &arena, value);
    return 0;
}

/* A whole value from the server. */
static int set_value(dew_entry *entry, dew_str json)
{
    dew_error error = { 0 };
    if (entry->fn != NULL) {
        int code = parse_value(entry, json, &error);
        if (code != 0)
            fail_entry(entry, code, error.message);
        return code;
    }
    char *raw = keep(json);
    if (raw == NULL)
        return DEW_E_NOMEM;
    free(entry->raw);
    entry->raw = raw;
    entry->raw_len = json.len;
    entry->state = DEW_ENTRY_READY;
    return 0;
}

/* Is `value` what the server says it is? */
static bool is_proved(dew_cache *cache, const dew_type *type, const void *value, const dew_wire_change *change)
{
    char hex[DEW_VALUE_HASH_LEN];
    dew_buf_clear(&cache->scratch);
    if (!change->hash.has || dew_json_write(&cache->scratch, type, value, NULL) != 0)
        return false;
    dew_hash_value_hex(dew_hash_value(dew_buf_str(&cache->scratch)), hex);
    return dew_str_eq(dew_str_make(hex, sizeof hex), change->hash.value);
}

/* The old value with the steps taken, in memory of its own; false: the whole must be asked for. */
static bool patch_value(dew_cache *cache, dew_entry *entry, const dew_wire_change *change)
{
    if (entry->fn == NULL || entry->value == NULL)
        return false;
    const dew_type *type = entry->fn->value();
    dew_arena arena;
    dew_arena_init(&arena, DEW_CACHE_VALUE_MAX);
    void *value = dew_arena_calloc(&arena, 1, type->size);
    if (value == NULL || dew_patch(&arena, type, entry->value, change->ops.value, value, NULL) != 0 ||
        !is_proved(cache, type, value, change)) {
        dew_arena_dispose(&arena);
        return false;
    }
    replace_value(entry, &arena, value);
    return true;
}

/* ---- subscriptions ---- */

static void subscribe(dew_cache *cache, dew_entry *entry, bool with_have)
{
    dew_buf *out = &cache->scratch;
    entry->id = ++cache->last_id;
    entry->is_answered = false;
    cache->unanswered_count++;
    dew_buf_clear(out);
    dew_buf_putf(out, "{\"type\":\"subscribe\",\"id\":%d,\"fn\":\"%s\",\"args\":%s", entry->id, entry->name,
                 entry->args);
    if (with_have && entry->state == DEW_ENTRY_READY && entry->hash[0] != '\0') {
        dew_buf_putf(out, ",\"have\":{\"at\":[\"%lld\",\"%lld\"],\"epoch\":\"%s\",\"hash\":\"%.16s\"}",
                     (long long)entry->at.commit, (long long)entry->at.topic, entry->epoch, entry->hash);
    }
    dew_buf_put_char(out, '}');
    cache->send(cache->context, dew_buf_str(out));
}

/* What is here cannot be trusted or moved on: this one query is asked for anew, the rest goes on. */
static void repair(dew_cache *cache, dew_entry *entry)
{
    unsubscribe(cache, entry);
    subscribe(cache, entry, false);
}

/* One query's step. True when its value changed. */
static bool apply_change(dew_cache *cache, dew_entry *entry, const dew_wire_change *change)
{
    if (change->error.has || !change->from.has || !change->to.has)
        return false; /* the value stays as it is; a later change clears the error */
    dew_position from = position_of(change->from.value), to = position_of(change->to.value);
    if (position_covers(entry->at, to))
        return false;
    bool is_applied = false;
    if (change->value.has)
        is_applied = set_value(entry, change->value.value) == 0;
    else if (change->ops.has && position_covers(entry->at, from))
        is_applied = patch_value(cache, entry, change);
    if (!is_applied) {
        repair(cache, entry);
        return false;
    }
    entry->at = to;
    copy_hash(entry, change->hash.has, change->hash.value);
    return true;
}

static bool receive_frame(dew_cache *cache, const dew_wire_message *message)
{
    bool changed = false;
    for (size_t i = 0; message->changes.has && i < message->changes.value.count; i++) {
        const dew_wire_change *change = &message->changes.value.items[i];
        dew_entry *entry = find_query(cache, change->query);
        if (entry != NULL && entry->is_answered)
            changed |= apply_change(cache, entry, change);
    }
    dew_list_each(at, &cache->entries) { /* all stands as of the frame's commit now */
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (message->to.has && entry->id != 0 && entry->is_answered && entry->at.commit < message->to.value)
            entry->at.commit = message->to.value;
    }
    return changed;
}

static bool receive_subscribed(dew_cache *cache, const dew_wire_message *message)
{
    dew_entry *entry = message->id.has ? find_subscription(cache, message->id.value) : NULL;
    if (entry == NULL || entry->is_answered)
        return false; /* of a subscription given up meanwhile */
    entry->is_answered = true;
    cache->unanswered_count--;
    if (message->error.has) {
        const dew_wire_error *error = &message->error.value;
        entry->id = 0;
        fail_entry(entry, dew_error_from_name(error->code), error->message.ptr);
        return true;
    }
    free(entry->query);
    entry->query = message->query.has ? keep(message->query.value) : NULL;
    copy_epoch(entry->epoch, dew_str_of(cache->epoch));
    bool changed = false;
    if (message->value.has) {
        changed = true;
        if (set_value(entry, message->value.value) != 0)
            return true; /* failed, and says so */
        copy_hash(entry, message->hash.has, message->hash.value);
    }
    for (size_t i = 0; message->changes.has && i < message->changes.value.count && entry->is_answered; i++)
        changed |= apply_change(cache, entry, &message->changes.value.items[i]);
    if (message->at.has && entry->is_answered)
        entry->at = position_of(message->at.value);
    return changed;
}

bool dew_cache_receive(dew_cache *cache, const dew_wire_message *message)
{
    bool changed = false;
    if (dew_str_eq(message->type, DEW_S("frame")))
        changed = receive_frame(cache, message);
    else if (dew_str_eq(message->type, DEW_S("subscribed")))
        changed = receive_subscribed(cache, message);
    else if (dew_str_eq(message->type, DEW_S("connected")) && message->epoch.has)
        copy_epoch(cache->epoch, message->epoch.value);
    return changed;
}

void dew_cache_opened(dew_cache *cache)
{
    cache->is_open = true;
    dew_list_each_safe(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (entry->idle_since_ms != 0) {
            remove_entry(cache, entry);
            continue;
        }
        if (entry->state == DEW_ENTRY_FAILED) /* another connection, another try */
            entry->state = entry->value != NULL || entry->raw != NULL ? DEW_ENTRY_READY : DEW_ENTRY_WAITING;
        if (entry->fn != NULL)
            subscribe(cache, entry, true);
    }
}

void dew_cache_closed(dew_cache *cache)
{
    cache->is_open = false;
    cache->unanswered_count = 0;
    dew_list_each(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        entry->id = 0;
        free(entry->query);
        entry->query = NULL;
    }
}

/* ---- views ---- */

int dew_cache_load(dew_cache *cache, const dew_wire_state *state)
{
    for (size_t i = 0; i < state->queries.count; i++) {
        const dew_wire_token *token = &state->queries.items[i];
        dew_position at = position_of(token->at);
        dew_entry *entry = find_entry(cache, token->fn, token->args);
        if (entry != NULL && entry->state == DEW_ENTRY_READY && position_covers(entry->at, at) &&
            dew_str_eq(dew_str_of(entry->epoch), state->epoch))
            continue; /* a frame was faster */
        if (entry == NULL)
            entry = add_entry(cache, token->fn, token->args);
        if (entry == NULL)
            return DEW_E_NOMEM;
        int code = set_value(entry, token->value);
        if (code != 0)
            return code;
        entry->at = at;
        copy_epoch(entry->epoch, state->epoch);
        copy_hash(entry, token->hash.has, token->hash.value);
    }
    return 0;
}

const void *dew_cache_use(void *context, const dew_fn *fn, const void *args, const dew_error **error)
{
    static const dew_error no_room = { DEW_E_LIMIT, "too many queries at once, or out of memory" };
    dew_cache *cache = context;
    dew_buf_clear(&cache->scratch);
    if (dew_json_write(&cache->scratch, fn->args(), args, NULL) != 0) {
        *error = &no_room;
        return NULL;
    }
    dew_str json = dew_buf_str(&cache->scratch);
    dew_entry *entry = find_entry(cache, dew_str_of(fn->name), json);
    if (entry == NULL)
        entry = add_entry(cache, dew_str_of(fn->name), json);
    if (entry == NULL) {
        *error = &no_room;
        return NULL;
    }
    entry->fn = fn;
    entry->last_pass = cache->pass;
    if (entry->raw != NULL) {
        dew_error inner = { 0 };
        if (parse_value(entry, dew_str_make(entry->raw, entry->raw_len), &inner) != 0)
            fail_entry(entry, inner.code, inner.message);
    }
    if (entry->state == DEW_ENTRY_FAILED)
        *error = &entry->error;
    return entry->state == DEW_ENTRY_READY ? entry->value : NULL;
}

void dew_cache_begin_pass(dew_cache *cache)
{
    cache->pass++;
}

int64_t dew_cache_end_pass(dew_cache *cache, int64_t now_ms)
{
    bool has_idle = false;
    dew_list_each(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (entry->last_pass != cache->pass) {
            has_idle = true;
            if (entry->idle_since_ms == 0)
                entry->idle_since_ms = now_ms > 0 ? now_ms : 1;
            continue;
        }
        entry->idle_since_ms = 0;
        if (cache->is_open && entry->id == 0 && entry->state != DEW_ENTRY_FAILED)
            subscribe(cache, entry, true);
    }
    return has_idle ? DEW_CACHE_GRACE_MS : 0;
}

int64_t dew_cache_sweep(dew_cache *cache, int64_t now_ms)
{
    int64_t next_ms = 0;
    dew_list_each_safe(at, &cache->entries) {
        dew_entry *entry = dew_container_of(at, dew_entry, link);
        if (entry->idle_since_ms == 0)
            continue;
        int64_t left_ms = entry->idle_since_ms + DEW_CACHE_GRACE_MS - now_ms;
        if (left_ms > 0) {
            next_ms = next_ms == 0 || left_ms < next_ms ? left_ms : next_ms;
            continue;
        }
        unsubscribe(cache, entry);
        remove_entry(cache, entry);
    }
    return next_ms;
}

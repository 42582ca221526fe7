/* guestbook.c - the page, compiled for the server and for the browser. */
#include "guestbook.h"

static void view(void)
{
    const entry_list *list = need(use_entries());

    el(main) {
        el(h1) textf("Guestbook, %zu signed", list->count);
        el(form, .on_submit = call_sign((new_entry){})) {
            el(label) {
                text("Your name ");
                el(input, .name = "name", .required = true);
            }
            el(label) {
                text("A few words ");
                el(input, .name = "message");
            }
            el(button) text("Sign");
        }
        el(ul) for (size_t i = 0; i < list->count; i++) {
            const entry *e = &list->items[i];
            el(li, .key = KEY(e->id)) {
                el(b) text(e->name);
                textf(" %s", e->message.ptr);
            }
        }
    }
}

static const dew_page guestbook = { .path = "/", .view = view };

DEW_SITE(minimal,
         .name = "Guestbook",
         .pages = DEW_PAGES(&guestbook),
         .head = "<link rel=\"stylesheet\" href=\"/guestbook.css\">")

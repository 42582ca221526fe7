/* assert.h - of the browser build: a failed assertion is a trap, and the host starts the instance anew. No text: bytes
 * count here, and the native build tells which one it was. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : __builtin_trap())
#endif
#define static_assert _Static_assert

/* sanitizer.h - poisoning for AddressSanitizer; nothing in other builds. */
#ifndef DEW_BASE_SANITIZER_H
#define DEW_BASE_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#define DEW_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DEW_ASAN 1
#endif
#endif

#ifdef DEW_ASAN
#include <sanitizer/asan_interface.h>
#define DEW_POISON(ptr, len) ASAN_POISON_MEMORY_REGION((ptr), (len))
#define DEW_UNPOISON(ptr, len) ASAN_UNPOISON_MEMORY_REGION((ptr), (len))
#else
#define DEW_POISON(ptr, len) ((void)(ptr), (void)(len))
#define DEW_UNPOISON(ptr, len) ((void)(ptr), (void)(len))
#endif

#endif

// Inside of libjpeg-turbo alone: what its own CMake would write.
#define BUILD ""
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "2.1.3"
#define INLINE __attribute__((always_inline)) inline
#define FALLTHROUGH __attribute__((fallthrough));
#define SIZEOF_SIZE_T 4
#define THREAD_LOCAL

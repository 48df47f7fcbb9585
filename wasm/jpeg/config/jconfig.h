// How libjpeg-turbo is compiled: what its own CMake would write.
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION_NUMBER 2001003
#define D_ARITH_CODING_SUPPORTED 1
#define MEM_SRCDST_SUPPORTED 1
#define BITS_IN_JSAMPLE 8

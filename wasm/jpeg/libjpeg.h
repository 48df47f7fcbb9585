// libjpeg-turbo's headers, which are C.
#pragma once
extern "C" {
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
// After jpeglib.h, which they need.
#include "jdct.h"
}

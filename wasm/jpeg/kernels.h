// What of libjpeg-turbo takes most of the time behind its Huffman codes, four or sixteen numbers at a time: the same integers as
// its plain C.
#pragma once
#include "libjpeg.h"

namespace jpeg {

/// Replaces the plain functions that libjpeg has chosen for a picture, once its decompression has started.
void use_vectors(j_decompress_ptr decoder);

}  // namespace jpeg

// JPEG for wasm/jpeg.js: a file to rows of RGB, at a fraction of its size where that is asked for, and the rows to samples.
//
// One picture at a time. What libjpeg refuses goes to `refuse`, which does not return: the caller throws, and lets go of this
// instance.
#include <cstdlib>

#include "kernels.h"
#include "reducing.h"

namespace {

jpeg_decompress_struct decoder;
jpeg_error_mgr errors;
JSAMPROW row = nullptr;

/// What a file tells of itself; jpeg.js reads it.
struct Told {
  int width, height, is_plain;
} told;

extern "C" __attribute__((import_module("env"), import_name("refuse"), noreturn)) void refuse();

void open(const unsigned char* file, int length) {
  errors.error_exit = [](j_common_ptr) { refuse(); };
  errors.emit_message = [](j_common_ptr, int) {};
  errors.output_message = [](j_common_ptr) {};
  errors.format_message = [](j_common_ptr, char*) {};
  errors.reset_error_mgr = [](j_common_ptr) {};
  decoder.err = &errors;
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, file, static_cast<unsigned long>(length));
  jpeg_read_header(&decoder, TRUE);
}

/// Whether all decoders agree on how its colours are spread: not where they have half of the rows alone, which versions smooth
/// differently.
bool is_plain() {
  const auto* parts = decoder.comp_info;
  if (decoder.jpeg_color_space == JCS_GRAYSCALE) return decoder.num_components == 1;
  const bool has_colours = decoder.jpeg_color_space == JCS_RGB || decoder.jpeg_color_space == JCS_YCbCr;
  if (!has_colours || decoder.num_components != 3) return false;
  const int wide = parts[0].h_samp_factor;
  const int high = parts[0].v_samp_factor;
  const int w = parts[1].h_samp_factor;
  const int h = parts[1].v_samp_factor;
  if (parts[2].h_samp_factor != w || parts[2].v_samp_factor != h) return false;
  if (w == wide && h == high) return wide * high <= D_MAX_BLOCKS_IN_MCU / 3;
  if (wide == 2 && high == 2) return h == 2 ? w == 1 : h == 1 && w == 1;
  return high == 1 && h == 1 && w == 1 && (wide == 2 || wide == 4);
}

}  // namespace

extern "C" {

const Told* jpeg_open(const unsigned char* file, int length) {
  open(file, length);
  told = {static_cast<int>(decoder.image_width), static_cast<int>(decoder.image_height), is_plain()};
  return &told;
}

/// Where each of the rows will lie; at one `reduction`th of the size.
JSAMPROW jpeg_start(int reduction) {
  decoder.out_color_space = JCS_RGB;
  decoder.scale_num = 1;
  decoder.scale_denom = static_cast<unsigned>(reduction);
  jpeg_start_decompress(&decoder);
  jpeg::use_vectors(&decoder);
  row = static_cast<JSAMPROW>(malloc(3 * decoder.output_width));
  if (!row) refuse();
  return row;
}

void jpeg_row() { jpeg_read_scanlines(&decoder, &row, 1); }

/// All rows to samples of `count` sizes.
void jpeg_reduce(const Reducing* sizes, int count) {
  while (decoder.output_scanline < decoder.output_height) {
    const int y = static_cast<int>(decoder.output_scanline);
    jpeg_row();
    for (int i = 0; i < count; i++) sizes[i].add(row, y);
  }
}

void jpeg_close() {
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  free(row);
}
}

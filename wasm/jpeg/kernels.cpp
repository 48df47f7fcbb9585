#include "kernels.h"

#include <wasm_simd128.h>

#include <cstdint>

namespace jpeg {
namespace {

static_assert(sizeof(ISLOW_MULT_TYPE) == sizeof(JCOEF));  // MULTIPLIER=short
constexpr int kConstantBits = 13;                         // of jidctint.c and jidctred.c, as the constants below
constexpr int kPassBits = 2;

constexpr int fixed(double number) { return static_cast<int>(number * (1 << kConstantBits) + 0.5); }

v128_t times(v128_t numbers, int constant) { return wasm_i32x4_mul(numbers, wasm_i32x4_splat(constant)); }
v128_t plus(v128_t a, v128_t b) { return wasm_i32x4_add(a, b); }
v128_t minus(v128_t a, v128_t b) { return wasm_i32x4_sub(a, b); }
template <int kBits>
v128_t descale(v128_t numbers) {
  return wasm_i32x4_shr(plus(numbers, wasm_i32x4_splat(1 << (kBits - 1))), kBits);
}

/// A row of coefficients, dequantized: columns 0 to 3, and 4 to 7.
struct Row {
  v128_t low, high;
};
Row dequantized(JCOEFPTR block, const ISLOW_MULT_TYPE* table, int row) {
  const v128_t numbers = wasm_v128_load(block + row * DCTSIZE);
  const v128_t steps = wasm_v128_load(table + row * DCTSIZE);
  return {wasm_i32x4_extmul_low_i16x8(numbers, steps), wasm_i32x4_extmul_high_i16x8(numbers, steps)};
}

/// Four vectors of four as columns instead of rows.
void transpose(v128_t (&m)[4]) {
  const v128_t a = wasm_i32x4_shuffle(m[0], m[1], 0, 4, 1, 5);
  const v128_t b = wasm_i32x4_shuffle(m[2], m[3], 0, 4, 1, 5);
  const v128_t c = wasm_i32x4_shuffle(m[0], m[1], 2, 6, 3, 7);
  const v128_t d = wasm_i32x4_shuffle(m[2], m[3], 2, 6, 3, 7);
  m[0] = wasm_i64x2_shuffle(a, b, 0, 2);
  m[1] = wasm_i64x2_shuffle(a, b, 1, 3);
  m[2] = wasm_i64x2_shuffle(c, d, 0, 2);
  m[3] = wasm_i64x2_shuffle(c, d, 1, 3);
}

/// Outputs as libjpeg's table of limits has them: of ten bits with a sign, moved to the middle of a byte's range.
v128_t centred(v128_t outputs) {
  const v128_t ten_bits = wasm_i32x4_shr(wasm_i32x4_shl(outputs, 22), 22);
  return plus(ten_bits, wasm_i32x4_splat(CENTERJSAMPLE));
}
v128_t bytes_of(v128_t a, v128_t b, v128_t c, v128_t d) {
  return wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(centred(a), centred(b)),
                                 wasm_i16x8_narrow_i32x4(centred(c), centred(d)));
}

/// Two outputs of one side, of inputs 0, 1, 3, 5 and 7.
template <int kBits>
void idct2(v128_t in0, v128_t in1, v128_t in3, v128_t in5, v128_t in7, v128_t (&out)[2]) {
  const v128_t even = wasm_i32x4_shl(in0, kConstantBits + 2);
  const v128_t odd = plus(plus(times(in7, -fixed(0.720959822)), times(in5, fixed(0.850430095))),
                          plus(times(in3, -fixed(1.272758580)), times(in1, fixed(3.624509785))));
  out[0] = descale<kBits>(plus(even, odd));
  out[1] = descale<kBits>(minus(even, odd));
}

void idct_2x2(j_decompress_ptr, jpeg_component_info* component, JCOEFPTR block, JSAMPARRAY output, JDIMENSION column) {
  const auto* table = static_cast<const ISLOW_MULT_TYPE*>(component->dct_table);
  Row rows[5];
  for (int i = 0; i < 5; i++) rows[i] = dequantized(block, table, i == 0 ? 0 : 2 * i - 1);
  v128_t low[2];
  v128_t high[2];
  constexpr int kBits = kConstantBits - kPassBits + 2;
  idct2<kBits>(rows[0].low, rows[1].low, rows[2].low, rows[3].low, rows[4].low, low);
  idct2<kBits>(rows[0].high, rows[1].high, rows[2].high, rows[3].high, rows[4].high, high);
  // Columns 0 and 1, 2 and 3, ... of both rows side by side.
  v128_t m[4] = {low[0], low[1], high[0], high[1]};
  transpose(m);  // m[c]: column c of row 0, of row 1, column c + 4 of row 0, of row 1
  const auto upper = [](v128_t numbers) { return wasm_i32x4_shuffle(numbers, numbers, 2, 3, 2, 3); };
  v128_t out[2];
  idct2<kConstantBits + kPassBits + 3 + 2>(m[0], m[1], m[3], upper(m[1]), upper(m[3]), out);
  const v128_t bytes = bytes_of(out[0], out[1], out[0], out[1]);
  const v128_t pairs = wasm_i8x16_shuffle(bytes, bytes, 0, 4, 1, 5, 0, 4, 1, 5, 0, 4, 1, 5, 0, 4, 1, 5);
  wasm_v128_store16_lane(output[0] + column, pairs, 0);
  wasm_v128_store16_lane(output[1] + column, pairs, 1);
}

/// Four outputs of one side, of all inputs but the fourth.
template <int kBits>
void idct4(const v128_t (&in)[8], v128_t (&out)[4]) {
  const v128_t first = wasm_i32x4_shl(in[0], kConstantBits + 1);
  const v128_t second = plus(times(in[2], fixed(1.847759065)), times(in[6], -fixed(0.765366865)));
  const v128_t inner = plus(plus(times(in[7], -fixed(0.211164243)), times(in[5], fixed(1.451774981))),
                            plus(times(in[3], -fixed(2.172734803)), times(in[1], fixed(1.061594337))));
  const v128_t outer = plus(plus(times(in[7], -fixed(0.509795579)), times(in[5], -fixed(0.601344887))),
                            plus(times(in[3], fixed(0.899976223)), times(in[1], fixed(2.562915447))));
  out[0] = descale<kBits>(plus(plus(first, second), outer));
  out[3] = descale<kBits>(minus(plus(first, second), outer));
  out[1] = descale<kBits>(plus(minus(first, second), inner));
  out[2] = descale<kBits>(minus(minus(first, second), inner));
}

void idct_4x4(j_decompress_ptr, jpeg_component_info* component, JCOEFPTR block, JSAMPARRAY output, JDIMENSION column) {
  const auto* table = static_cast<const ISLOW_MULT_TYPE*>(component->dct_table);
  v128_t low[8];
  v128_t high[8];
  for (int row = 0; row < 8; row++) {
    if (row == 4) continue;
    const Row both = dequantized(block, table, row);
    low[row] = both.low;
    high[row] = both.high;
  }
  low[4] = high[4] = wasm_i32x4_splat(0);
  v128_t left[4];
  v128_t right[4];
  constexpr int kBits = kConstantBits - kPassBits + 1;
  idct4<kBits>(low, left);
  idct4<kBits>(high, right);
  transpose(left);
  transpose(right);
  const v128_t columns[8] = {left[0], left[1], left[2], left[3], right[0], right[1], right[2], right[3]};
  v128_t out[4];
  idct4<kConstantBits + kPassBits + 3 + 1>(columns, out);
  const v128_t bytes = bytes_of(out[0], out[1], out[2], out[3]);
  const v128_t rows = wasm_i8x16_shuffle(bytes, bytes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  wasm_v128_store32_lane(output[0] + column, rows, 0);
  wasm_v128_store32_lane(output[1] + column, rows, 1);
  wasm_v128_store32_lane(output[2] + column, rows, 2);
  wasm_v128_store32_lane(output[3] + column, rows, 3);
}

/// All eight outputs of one side: jidctint.c's, in its order.
template <int kBits>
void idct8(v128_t (&m)[8]) {
  const v128_t z1 = times(plus(m[2], m[6]), fixed(0.541196100));
  const v128_t even2 = plus(z1, times(m[6], -fixed(1.847759065)));
  const v128_t even3 = plus(z1, times(m[2], fixed(0.765366865)));
  const v128_t even0 = wasm_i32x4_shl(plus(m[0], m[4]), kConstantBits);
  const v128_t even1 = wasm_i32x4_shl(minus(m[0], m[4]), kConstantBits);
  const v128_t even[4] = {plus(even0, even3), plus(even1, even2), minus(even1, even2), minus(even0, even3)};

  const v128_t z5 = times(plus(plus(m[7], m[3]), plus(m[5], m[1])), fixed(1.175875602));
  const v128_t a = times(plus(m[7], m[1]), -fixed(0.899976223));
  const v128_t b = times(plus(m[5], m[3]), -fixed(2.562915447));
  const v128_t c = plus(times(plus(m[7], m[3]), -fixed(1.961570560)), z5);
  const v128_t d = plus(times(plus(m[5], m[1]), -fixed(0.390180644)), z5);
  const v128_t odd[4] = {plus(times(m[1], fixed(1.501321110)), plus(a, d)), plus(times(m[3], fixed(3.072711026)), plus(b, c)),
                         plus(times(m[5], fixed(2.053119869)), plus(b, d)), plus(times(m[7], fixed(0.298631336)), plus(a, c))};
  for (int i = 0; i < 4; i++) {
    m[i] = descale<kBits>(plus(even[i], odd[i]));
    m[7 - i] = descale<kBits>(minus(even[i], odd[i]));
  }
}

/// Four vectors of a half of a square, turned over its diagonal: what is left and what is right of the half.
void transpose_half(const v128_t* from, v128_t* into) {
  v128_t m[4] = {from[0], from[1], from[2], from[3]};
  transpose(m);
  for (int i = 0; i < 4; i++) into[i] = m[i];
}

void idct_8x8(j_decompress_ptr, jpeg_component_info* component, JCOEFPTR block, JSAMPARRAY output, JDIMENSION column) {
  const auto* table = static_cast<const ISLOW_MULT_TYPE*>(component->dct_table);
  v128_t low[8];
  v128_t high[8];
  for (int row = 0; row < 8; row++) {
    const Row both = dequantized(block, table, row);
    low[row] = both.low;
    high[row] = both.high;
  }
  idct8<kConstantBits - kPassBits>(low);
  idct8<kConstantBits - kPassBits>(high);
  for (int half = 0; half < 2; half++) {  // the upper four rows, the lower four
    v128_t m[8];
    transpose_half(low + 4 * half, m);
    transpose_half(high + 4 * half, m + 4);
    idct8<kConstantBits + kPassBits + 3>(m);
    const v128_t left = bytes_of(m[0], m[1], m[2], m[3]);
    const v128_t right = bytes_of(m[4], m[5], m[6], m[7]);
    const v128_t upper = wasm_i8x16_shuffle(left, right, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const v128_t lower = wasm_i8x16_shuffle(left, right, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
    wasm_v128_store64_lane(output[4 * half] + column, upper, 0);
    wasm_v128_store64_lane(output[4 * half + 1] + column, upper, 1);
    wasm_v128_store64_lane(output[4 * half + 2] + column, lower, 0);
    wasm_v128_store64_lane(output[4 * half + 3] + column, lower, 1);
  }
}

constexpr int kColourBits = 16;  // of jdcolor.c
constexpr int colour(double number) { return static_cast<int>(number * (1 << kColourBits) + 0.5); }

/// Sixteen bytes as four vectors of integers, `less` taken from each.
struct Sixteen {
  v128_t part[4];
};
Sixteen widened(const JSAMPLE* bytes, int less) {
  const v128_t all = wasm_v128_load(bytes);
  const v128_t base = wasm_i16x8_splat(static_cast<int16_t>(less));
  const v128_t low = wasm_i16x8_sub(wasm_u16x8_extend_low_u8x16(all), base);
  const v128_t high = wasm_i16x8_sub(wasm_u16x8_extend_high_u8x16(all), base);
  return {{wasm_i32x4_extend_low_i16x8(low), wasm_i32x4_extend_high_i16x8(low), wasm_i32x4_extend_low_i16x8(high),
           wasm_i32x4_extend_high_i16x8(high)}};
}
v128_t limited(const Sixteen& numbers) {
  return wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(numbers.part[0], numbers.part[1]),
                                 wasm_i16x8_narrow_i32x4(numbers.part[2], numbers.part[3]));
}

/// Sixteen pixels as three vectors of bytes: red, green, blue, red, ...
void colours_of(const JSAMPLE* luma, const JSAMPLE* blueness, const JSAMPLE* redness, v128_t (&out)[3]) {
  const Sixteen y = widened(luma, 0);
  const Sixteen cb = widened(blueness, CENTERJSAMPLE);
  const Sixteen cr = widened(redness, CENTERJSAMPLE);
  Sixteen r;
  Sixteen g;
  Sixteen b;
  for (int i = 0; i < 4; i++) {
    const v128_t tones = plus(times(cb.part[i], -colour(0.34414)), times(cr.part[i], -colour(0.71414)));
    r.part[i] = plus(y.part[i], descale<kColourBits>(times(cr.part[i], colour(1.40200))));
    g.part[i] = plus(y.part[i], descale<kColourBits>(tones));
    b.part[i] = plus(y.part[i], descale<kColourBits>(times(cb.part[i], colour(1.77200))));
  }
  const v128_t red = limited(r);
  const v128_t green = limited(g);
  const v128_t blue = limited(b);
  const v128_t rg0 = wasm_i8x16_shuffle(red, green, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  const v128_t rg1 = wasm_i8x16_shuffle(red, green, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  const v128_t rg2 = wasm_i8x16_shuffle(red, green, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  out[0] = wasm_i8x16_shuffle(rg0, blue, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15);
  out[1] = wasm_i8x16_shuffle(rg1, blue, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15);
  out[2] = wasm_i8x16_shuffle(rg2, blue, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31);
}

void rgb_of(j_decompress_ptr decoder, JSAMPIMAGE planes, JDIMENSION row, JSAMPARRAY output, int rows) {
  constexpr int kPixels = 16;
  const int width = static_cast<int>(decoder->output_width);
  for (int i = 0; i < rows; i++) {
    const JSAMPLE* from[3] = {planes[0][row + i], planes[1][row + i], planes[2][row + i]};
    JSAMPLE* into = output[i];
    v128_t out[3];
    int x = 0;
    for (; x + kPixels <= width; x += kPixels, into += 3 * kPixels) {
      colours_of(from[0] + x, from[1] + x, from[2] + x, out);
      for (int j = 0; j < 3; j++) wasm_v128_store(into + 16 * j, out[j]);
    }
    if (x == width) continue;
    // The rest, beside itself: what is read behind a row's end might not be there.
    JSAMPLE rest[3][kPixels] = {};
    for (int j = 0; j < 3; j++) memcpy(rest[j], from[j] + x, width - x);
    colours_of(rest[0], rest[1], rest[2], out);
    memcpy(into, out, 3 * (width - x));
  }
}

}  // namespace

void use_vectors(j_decompress_ptr decoder) {
  for (int i = 0; i < decoder->num_components; i++) {
    auto& transform = decoder->idct->inverse_DCT[i];
    if (transform == jpeg_idct_2x2) transform = idct_2x2;
    if (transform == jpeg_idct_4x4) transform = idct_4x4;
    if (transform == jpeg_idct_islow) transform = idct_8x8;
  }
  if (decoder->jpeg_color_space == JCS_YCbCr) decoder->cconvert->color_convert = rgb_of;
}

}  // namespace jpeg

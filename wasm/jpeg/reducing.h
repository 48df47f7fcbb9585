// The filter of resample.js, where each pixel goes to at most two outputs of a row: the same sums of doubles in the same order.
#pragma once
#include <wasm_simd128.h>

#include <cstdint>

/// As jpeg.js lays it out: pointers and integers of four bytes.
struct Reducing {
  int left;               // the first pixel of a row that is taken
  int outputs;            // of a row
  const int* ends;        // of each output's pixels, from `left` on
  const double* weights;  // two a pixel: for its output and for the next
  int rows;               // outputs of a column
  const int* first;       // for each of them, its first row
  const int* count;       // how many rows it takes
  const double* down;     // their weights, one output's behind the other's
  double* line;           // one row, reduced
  double* sums;           // (rows,outputs,3)

  void add(const uint8_t* pixels, int y) const {
    bool is_reduced = false;
    const double* weight = down;
    for (int output = 0; output < rows; weight += count[output++]) {
      const int at = y - first[output];
      if (at < 0) break;
      if (at >= count[output]) continue;
      if (!is_reduced) reduce(pixels + 3 * left);
      is_reduced = true;
      const v128_t each = wasm_f64x2_splat(weight[at]);
      double* sum = sums + static_cast<long>(output) * outputs * 3;
      int i = 0;
      for (; i + 2 <= outputs * 3; i += 2)
        wasm_v128_store(sum + i, wasm_f64x2_add(wasm_v128_load(sum + i), wasm_f64x2_mul(each, wasm_v128_load(line + i))));
      if (i < outputs * 3) sum[i] += weight[at] * line[i];
    }
  }

 private:
  void reduce(const uint8_t* pixels) const {
    const v128_t zero = wasm_f64x2_splat(0);
    v128_t sums[3] = {zero, zero, zero};  // of each colour: this output's, the next one's
    const double* weight = weights;
    double* into = line;
    for (int output = 0, pixel = 0; output < outputs; output++) {
      for (; pixel < ends[output]; pixel++, pixels += 3, weight += 2) {
        const v128_t both = wasm_v128_load(weight);
        for (int i = 0; i < 3; i++) sums[i] = wasm_f64x2_add(sums[i], wasm_f64x2_mul(both, wasm_f64x2_splat(pixels[i])));
      }
      for (auto& sum : sums) {
        *into++ = wasm_f64x2_extract_lane(sum, 0);
        sum = wasm_i64x2_shuffle(sum, zero, 1, 2);
      }
    }
  }
};

// The windows that a convolution multiplies by its weights, as a grid over pictures.
#pragma once

#include <algorithm>

#include "../depth_first.h"
#include "convolution.h"
#include "microkernel.h"

namespace trainground {

// A grid of windows over pictures (height,width,channels): window (a,b) begins at (first_y + a * step, first_x + b * step), may
// hang over the edges, where the picture is zero, and lies in memory as `rows` runs of `columns * channels` numbers.
struct Windows {
  int height, width, channels;
  int rows, columns;            // of one window
  int grid_rows, grid_columns;  // of windows in one picture
  int first_y, first_x, step;
  int taps() const { return rows * columns * channels; }
  int per_picture() const { return grid_rows * grid_columns; }
  int picture_size() const { return height * width * channels; }
  // A 1x1 filter's windows are the pixels as they lie in memory: tiles of four read them there.
  bool are_pixels() const {
    return rows * columns == 1 && step == 1 && first_y == 0 && first_x == 0 && grid_rows == height && grid_columns == width &&
           per_picture() >= kTileRows;
  }
};

inline Windows forward_windows(const ConvolutionShape& s) {
  return {s.input.height,  s.input.width,  s.input.channels, s.kernel, s.kernel,
          s.output.height, s.output.width, -s.top,           -s.left,  s.stride};
}

// Numbers of scratch memory of convolution_weight_gradient, which is in a file of its own.
std::size_t weight_gradient_scratch(const ConvolutionShape& shape, int samples);

}  // namespace trainground

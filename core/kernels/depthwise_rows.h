// Depthwise filters along one row of a picture: outputs, and their two gradients, a few vectors of channels at a time.
#pragma once

#include <algorithm>
#include <type_traits>

#include "../parallel.h"
#include "depthwise.h"
#include "pixel_input.h"
#include "vector.h"

namespace trainground {

// For channel c of one row of outputs, each tap of the filters: body(ky, tap, x, y, count), with ky its row and `tap` its place
// in the filters, x the place in the picture's row of the first number that it reads, y that of its output in the row, count the
// number of outputs that it reaches. From output to output x moves by stride * channels, y by channels.
template <class Body>
void each_tap(const ConvolutionShape& s, int oy, int c, Body body) {
  const int channels = s.input.channels;
  for (int ky = 0; ky < s.kernel; ++ky) {
    const int iy = oy * s.stride - s.top + ky;
    if (iy < 0 || iy >= s.input.height) continue;
    for (int kx = 0; kx < s.kernel; ++kx) {
      const int left = s.left - kx;  // of the row's first output
      int begin = 0, end = s.output.width;
      while (begin < end && begin * s.stride < left) ++begin;
      while (begin < end && (end - 1) * s.stride - left >= s.input.width) --end;
      const std::ptrdiff_t x = std::ptrdiff_t{begin * s.stride - left} * channels + c;
      body(ky, (ky * s.kernel + kx) * channels + c, x, std::ptrdiff_t{begin} * channels + c, end - begin);
    }
  }
}

// The stride with which the walks along rows of 3x3 filters below go, or 0 where they do not suit: with stride 1 up to two
// columns of a window may hang over, with 2 one.
inline int walk_of(const ConvolutionShape& s) {
  const int over = (s.output.width - 1) * s.stride + 3 - s.left - s.input.width, most = 3 - s.stride;
  return s.kernel == 3 && s.left >= 0 && s.left <= most && over > -s.stride && over <= most ? s.stride : 0;
}

template <class Lanes>
constexpr bool is_whole = std::is_same_v<std::decay_t<Lanes>, Whole>;

constexpr int kMostRows = 64;  // of a filter (options.cpp)

// The rows of the batch's pictures that a row of outputs reads, from its first tap's on; one outside the picture is a row of
// zeros. Rows that are normalized while they are read stay for the outputs below, as many as a filter has.
class Lines {
 public:
  // zeros: a row; kept: as many rows as a filter has. goes_on: whether the row of outputs above was the last one here.
  Lines(const ConvolutionShape& s, const PixelInput& x, const real* zeros, real* kept, bool goes_on)
      : s_(s), x_(x), zeros_(zeros), kept_(kept), goes_on_(goes_on) {}

  // Moves to row oy of output n.
  [[gnu::noinline]] void read(int n, int oy) {
    const int height = s_.input.height, width = s_.input.width, line = width * s_.input.channels, top = oy * s_.stride - s_.top;
    const std::ptrdiff_t picture = std::ptrdiff_t{n} * height;
    if (x_.normalized) {
      const int there = goes_on_ && oy > 0 ? top - s_.stride + s_.kernel : 0, end = std::min(height, top + s_.kernel);
      for (int y = std::max({0, top, there}); y < end; ++y)
        x_.read((picture + y) * width, width, s_.input.channels, kept_ + y % s_.kernel * line);
    }
    for (int ky = 0; ky < s_.kernel; ++ky) {
      const int y = top + ky;
      const bool inside = y >= 0 && y < height;
      lines_[ky] = !inside ? zeros_ : x_.normalized ? kept_ + y % s_.kernel * line : x_.numbers + (picture + y) * line;
    }
    goes_on_ = true;
  }
  const real* operator[](int ky) const { return lines_[ky]; }

 private:
  const ConvolutionShape& s_;
  const PixelInput x_;
  const real* const zeros_;
  real* const kept_;
  bool goes_on_;
  const real* lines_[kMostRows];
};

// The 3x3 filters of four channels, in registers.
struct Nine {
  Vec w[9];
  Nine(const real* from, int channels) {
    for (int t = 0; t < 9; ++t) w[t] = load(from + t * channels);
  }
  // One column of the filter, on one column of the picture.
  Vec column(int kx, Vec a, Vec b, Vec c) const { return w[kx] * a + w[3 + kx] * b + w[6 + kx] * c; }
};

// One output row of 3x3 filters of stride 1. Four channels walk along the row; each column of the picture is read once
// and joins the three outputs that it reaches, two of which wait in registers.
[[gnu::noinline]] inline void row_of_three(const ConvolutionShape& s, const Lines& lines, int from, const real* filter, Vec bias,
                                           real* out) {
  const int channels = s.input.channels, width = s.input.width;
  const Nine w(filter, channels);
  Vec next = splat(0), after = next;
  const auto column = [&](Vec a, Vec b, Vec c) {
    const Vec done = next + w.column(2, a, b, c);
    next = after + w.column(1, a, b, c);
    after = w.column(0, a, b, c);
    return done + bias;
  };
  const real *a = lines[0] + from, *b = lines[1] + from, *c = lines[2] + from;
  int ix = 0;
  const auto read = [&] {
    const Vec done = column(load(a), load(b), load(c));
    a += channels, b += channels, c += channels;
    return done;
  };
  for (; ix < std::min(2 - s.left, width); ++ix) read();
  for (; ix < width; ++ix, out += channels) store(out, read());
  for (; ix < s.output.width + 2 - s.left; ++ix, out += channels) store(out, column(splat(0), splat(0), splat(0)));
}

// The same for the weight gradient: nine sums in registers.
[[gnu::noinline]] inline void add_row_of_three(const ConvolutionShape& s, const Lines& lines, int from, const real* dy,
                                               real* dw) {
  const int channels = s.input.channels, width = s.input.width;
  Vec t0 = splat(0), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0, t8 = t0;
  const real *a = lines[0] + from, *b = lines[1] + from, *c = lines[2] + from;
  // dy where the filter's columns 0, 1 and 2 meet this column of the picture.
  Vec d0 = t0, d1 = t0, d2 = t0;
  const auto column = [&](Vec d) {
    d2 = d1, d1 = d0, d0 = d;
    const Vec x0 = load(a), x1 = load(b), x2 = load(c);
    t0 += x0 * d0, t1 += x0 * d1, t2 += x0 * d2;
    t3 += x1 * d0, t4 += x1 * d1, t5 += x1 * d2;
    t6 += x2 * d0, t7 += x2 * d1, t8 += x2 * d2;
    a += channels, b += channels, c += channels;
  };
  int ox = 0;
  for (; ox < std::min(s.left, s.output.width); ++ox, dy += channels) d1 = d0, d0 = load(dy);
  const int end = std::min(width, s.output.width - s.left);
  int ix = 0;
  for (; ix < end; ++ix, dy += channels) column(load(dy));
  for (; ix < width; ++ix) column(splat(0));
  const Vec totals[9] = {t0, t1, t2, t3, t4, t5, t6, t7, t8};
  for (int t = 0; t < 9; ++t) store(dw + t * channels, load(dw + t * channels) + totals[t]);
}

// Both for stride 2: the filters' first and last columns meet every second column of the picture, their middle one the others.
[[gnu::noinline]] inline void row_of_three_by_two(const ConvolutionShape& s, const Lines& lines, int from, const real* filter,
                                                  Vec bias, real* out) {
  const int channels = s.input.channels;
  const Nine w(filter, channels);
  const real *const a = lines[0] + from, *const b = lines[1] + from, *const c = lines[2] + from;
  std::ptrdiff_t at = -std::ptrdiff_t{s.left} * channels;
  const std::ptrdiff_t end = std::ptrdiff_t{s.input.width} * channels;
  const auto column = [&](int kx) { return w.column(kx, load(a + at), load(b + at), load(c + at)); };
  Vec sum = splat(0);
  if (at >= 0) sum = column(0);
  at += channels;
  if (at < end) sum += column(1);
  at += channels;
  for (int ox = 1; ox < s.output.width; ++ox, out += channels) {
    store(out, sum + column(2) + bias);
    sum = column(0);
    at += channels;
    sum += column(1);
    at += channels;
  }
  if (at < end) sum += column(2);
  store(out, sum + bias);
}

[[gnu::noinline]] inline void add_row_of_three_by_two(const ConvolutionShape& s, const Lines& lines, int from, const real* dy,
                                                      real* dw) {
  const int channels = s.input.channels;
  const real* const rows[3] = {lines[0] + from, lines[1] + from, lines[2] + from};
  Vec t[9] = {};
  std::ptrdiff_t at = -std::ptrdiff_t{s.left} * channels;
  const std::ptrdiff_t end = std::ptrdiff_t{s.input.width} * channels;
  const auto column = [&](int kx, Vec d) {
    for (int ky = 0; ky < 3; ++ky) t[3 * ky + kx] += d * load(rows[ky] + at);
  };
  Vec d = load(dy);
  if (at >= 0) column(0, d);
  at += channels;
  if (at < end) column(1, d);
  at += channels;
  for (int ox = 1; ox < s.output.width; ++ox) {
    column(2, d);
    d = load(dy += channels);
    column(0, d);
    at += channels;
    column(1, d);
    at += channels;
  }
  if (at < end) column(2, d);
  for (int i = 0; i < 9; ++i) store(dw + i * channels, load(dw + i * channels) + t[i]);
}

constexpr int kTogether = 4;  // vectors that go side by side: a line of the cache

// One output row of filters of any size, of kVectors vectors of channels side by side: the taps of a window join in registers.
template <int kVectors, class Lanes>
[[gnu::noinline]] void row_of_windows(const ConvolutionShape& s, const Lines& lines, int oy, int from, const real* filter,
                                      const real* bias, real* out, Range outputs, Lanes lanes) {
  const int channels = s.input.channels, top = oy * s.stride - s.top;
  const Range down{std::max(0, -top), std::min(s.kernel, s.input.height - top)};
  out += outputs.begin * channels;
  for (int ox = outputs.begin; ox < outputs.end; ++ox, out += channels) {
    const int left = ox * s.stride - s.left;
    const Range across{std::max(0, -left), std::min(s.kernel, s.input.width - left)};
    Vec sums[kVectors];
    for (int i = 0; i < kVectors; ++i) sums[i] = bias ? load(bias + i * kLanes, lanes) : splat(0);
    const std::ptrdiff_t at = std::ptrdiff_t{left + across.begin} * channels + from;
    const real* taps = filter + (down.begin * s.kernel + across.begin) * channels;
    for (int ky = down.begin; ky < down.end; ++ky, taps += s.kernel * channels) {
      const real *x = lines[ky] + at, *w = taps;
      for (int kx = across.end - across.begin; kx > 0; --kx, x += channels, w += channels)
        for (int i = 0; i < kVectors; ++i) sums[i] += load(w + i * kLanes, lanes) * load(x + i * kLanes, lanes);
    }
    for (int i = 0; i < kVectors; ++i) store(out + i * kLanes, sums[i], lanes);
  }
}

// The outputs of a row whose windows are inside the picture from their first column to their last.
inline Range whole_windows(const ConvolutionShape& s) {
  const int begin = std::clamp((s.left + s.stride - 1) / s.stride, 0, s.output.width), room = s.input.width - s.kernel + s.left;
  return {begin, std::clamp(room < 0 ? 0 : room / s.stride + 1, begin, s.output.width)};
}

// Three outputs side by side whose windows are inside the picture, of a line of channels: what they share of the picture and of
// the filters, which have kKernel columns, is read once. The sums and their order are those of row_of_windows.
template <int kKernel, int kStride>
[[gnu::noinline]] void three_windows(const ConvolutionShape& s, const Lines& lines, int oy, int from, int ox, const real* filter,
                                     const real* bias, real* out) {
  constexpr int kOutputs = 3;
  const int channels = s.input.channels, top = oy * s.stride - s.top;
  const Range down{std::max(0, -top), std::min(s.kernel, s.input.height - top)};
  const std::ptrdiff_t at = std::ptrdiff_t{ox * kStride - s.left} * channels + from;
  out += ox * channels;
  for (int i = 0; i < kTogether * kLanes; i += kLanes) {
    Vec sums[kOutputs];
#pragma GCC unroll 8
    for (int o = 0; o < kOutputs; ++o) sums[o] = bias ? load(bias + i) : splat(0);
    const real* taps = filter + down.begin * kKernel * channels + i;
    for (int ky = down.begin; ky < down.end; ++ky) {
      const real* x = lines[ky] + at + i;
      Vec w[kKernel];
#pragma GCC unroll 8
      for (int kx = 0; kx < kKernel; ++kx, taps += channels) w[kx] = load(taps);
#pragma GCC unroll 16
      for (int column = 0; column < (kOutputs - 1) * kStride + kKernel; ++column, x += channels) {
        const Vec v = load(x);
#pragma GCC unroll 8
        for (int o = 0; o < kOutputs; ++o) {
          const int kx = column - o * kStride;
          if (kx >= 0 && kx < kKernel) sums[o] += w[kx] * v;
        }
      }
    }
#pragma GCC unroll 8
    for (int o = 0; o < kOutputs; ++o) store(out + o * channels + i, sums[o]);
  }
}

// One output row of filters that no walk suits, of a line of channels.
inline void row_of_line(const ConvolutionShape& s, const Lines& lines, int oy, int from, const real* filter, const real* bias,
                        real* out) {
  const auto three = s.kernel != 5   ? nullptr
                     : s.stride == 1 ? three_windows<5, 1>
                     : s.stride == 2 ? three_windows<5, 2>
                                     : nullptr;
  const Range whole = three ? whole_windows(s) : Range{0, 0};
  int ox = whole.begin;
  row_of_windows<kTogether>(s, lines, oy, from, filter, bias, out, {0, ox}, Whole{});
  for (; ox + 3 <= whole.end; ox += 3) three(s, lines, oy, from, ox, filter, bias, out);
  row_of_windows<kTogether>(s, lines, oy, from, filter, bias, out, {ox, s.output.width}, Whole{});
}

// The same for the weight gradient, from channel c on: of each tap so many sums in registers.
template <int kVectors, class Lanes>
[[gnu::noinline]] void add_row_of_windows(const ConvolutionShape& s, const Lines& lines, int oy, int c, const real* dy, real* dw,
                                          Lanes lanes) {
  const int channels = s.input.channels, step = s.stride * channels;
  each_tap(s, oy, c, [&](int ky, int tap, std::ptrdiff_t from, std::ptrdiff_t at, int count) {
    const real *a = lines[ky] + from, *b = dy + at;
    real* const to = dw + tap;
    Vec sums[kVectors];
    for (int i = 0; i < kVectors; ++i) sums[i] = load(to + i * kLanes, lanes);
    for (; count > 0; --count, a += step, b += channels)
      for (int i = 0; i < kVectors; ++i) sums[i] += load(a + i * kLanes, lanes) * load(b + i * kLanes, lanes);
    for (int i = 0; i < kVectors; ++i) store(to + i * kLanes, sums[i], lanes);
  });
}

// One row of the input gradient, from channel c on, for a stride of two or more: what comes from the outputs above first, and of
// a row from the filter's first columns.
template <int kVectors, class Lanes>
[[gnu::noinline]] void row_of_gradients(const ConvolutionShape& s, const real* dy, int iy, int c, const real* filter, real* dx,
                                        Lanes lanes) {
  const int channels = s.input.channels, step = s.stride * channels;
  const int last_row = std::min((iy + s.top) / s.stride, s.output.height - 1);
  const int first_row = std::max(0, (iy + s.top - s.kernel + s.stride) / s.stride);
  for (int ix = 0; ix < s.input.width; ++ix) {
    const int reached = (ix + s.left) / s.stride;  // the last output whose window begins at this column or before it
    const int skipped = std::max(0, reached - (s.output.width - 1)), kx = (ix + s.left) % s.stride + skipped * s.stride;
    const int count = std::min(kx < s.kernel ? (s.kernel - kx - 1) / s.stride + 1 : 0, reached - skipped + 1);
    Vec sums[kVectors];
    for (int i = 0; i < kVectors; ++i) sums[i] = splat(0);
    for (int oy = first_row; oy <= last_row; ++oy) {
      const real* w = filter + ((iy + s.top - oy * s.stride) * s.kernel + kx) * channels + c;
      const real* d = dy + (std::ptrdiff_t{oy} * s.output.width + reached - skipped) * channels + c;
      for (int left = count; left > 0; --left, w += step, d -= channels)
        for (int i = 0; i < kVectors; ++i) sums[i] += load(w + i * kLanes, lanes) * load(d + i * kLanes, lanes);
    }
    for (int i = 0; i < kVectors; ++i) store(dx + ix * channels + c + i * kLanes, sums[i], lanes);
  }
}

}  // namespace trainground

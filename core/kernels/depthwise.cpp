#include "depthwise.h"

#include <algorithm>
#include <type_traits>

#include "../depth_first.h"
#include "vector.h"

namespace trainground {
namespace {

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

// to += filter * from, `count` times
template <class Lanes>
void add_products(int count, Vec filter, const real* from, int from_step, real* to, int to_step, Lanes lanes) {
  for (; count > 0; --count, from += from_step, to += to_step) store(to, load(to, lanes) + filter * load(from, lanes), lanes);
}

// The stride with which the walks along rows of 3x3 filters below go, or 0 where they do not suit: with stride 1 up to two
// columns of a window may hang over, with 2 one.
int walk_of(const ConvolutionShape& s) {
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
[[gnu::noinline]] void row_of_three(const ConvolutionShape& s, const Lines& lines, int from, const real* filter, Vec bias,
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
[[gnu::noinline]] void add_row_of_three(const ConvolutionShape& s, const Lines& lines, int from, const real* dy, real* dw) {
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
[[gnu::noinline]] void row_of_three_by_two(const ConvolutionShape& s, const Lines& lines, int from, const real* filter, Vec bias,
                                           real* out) {
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

[[gnu::noinline]] void add_row_of_three_by_two(const ConvolutionShape& s, const Lines& lines, int from, const real* dy,
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
                                      const real* bias, real* out, Lanes lanes) {
  const int channels = s.input.channels, top = oy * s.stride - s.top;
  const Range down{std::max(0, -top), std::min(s.kernel, s.input.height - top)};
  for (int ox = 0; ox < s.output.width; ++ox, out += channels) {
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

int row_size(const ConvolutionShape& s) { return std::max(s.input.width, s.output.width) * s.input.channels; }
// Rows that each slice keeps, of what is normalized while it is read.
std::ptrdiff_t kept_size(const ConvolutionShape& s) { return std::ptrdiff_t{s.kernel} * s.input.width * s.input.channels; }

// scratch: a row for zeros, and kept_size() for each slice if x is normalized.
void convolve(const ConvolutionShape& s, int samples, const PixelInput& x, const real* w, real* y, const Epilogue& epilogue,
              real* scratch) {
  const int walk = walk_of(s);
  real *const zeros = scratch, *const kept = scratch + row_size(s);
  fill(zeros, 0, row_size(s));
  const ByRows by{s.output.height, s.stride, s.kernel - s.top - s.stride};
  for_rows(samples, by, 1, 1, std::max(s.input.size(), s.output.size()), [=](int slice, Range rows, bool goes_on) {
    const int channels = s.input.channels;
    Epilogue clamp_only = epilogue;
    clamp_only.bias = nullptr;
    Lines lines(s, x, zeros, kept + slice * kept_size(s), goes_on);
    for (int row = rows.begin; row < rows.end; ++row) {
      const int oy = row % s.output.height;
      real* out = y + std::ptrdiff_t{row} * s.output.width * channels;
      lines.read(row / s.output.height, oy);
      const auto windows_of = [&](auto vectors, int c, auto lanes) {
        row_of_windows<vectors()>(s, lines, oy, c, w + c, epilogue.bias ? epilogue.bias + c : nullptr, out + c, lanes);
      };
      int done = 0;
      if (!walk)
        for (; done + kTogether * kLanes <= channels; done += kTogether * kLanes)
          windows_of(std::integral_constant<int, kTogether>{}, done, Whole{});
      each_vector(channels - done, [&](int rest, auto lanes) {
        const int c = done + rest;
        if constexpr (is_whole<decltype(lanes)>) {
          const Vec bias = epilogue.bias ? load(epilogue.bias + c) : splat(0);
          if (walk == 1) return row_of_three(s, lines, c, w + c, bias, out + c);
          if (walk == 2) return row_of_three_by_two(s, lines, c, w + c, bias, out + c);
        }
        windows_of(std::integral_constant<int, 1>{}, c, lanes);
      });
      finish_rows(s.output.width, channels, out, channels, clamp_only);  // the row is still in the first cache
    }
  });
}

int filter_size(const ConvolutionShape& s) { return s.kernel * s.kernel * s.input.channels; }

}  // namespace

std::size_t depthwise_scratch(const ConvolutionShape& s, int samples) {
  return static_cast<std::size_t>(row_size(s) + kSlices * kept_size(s) + std::ptrdiff_t{slices_of(samples)} * filter_size(s));
}

void depthwise(const ConvolutionShape& s, int samples, const PixelInput& x, const real* w, real* y, const Epilogue& epilogue,
               real* scratch) {
  convolve(s, samples, x, w, y, epilogue, scratch);
}

void depthwise_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx, real* scratch) {
  const int channels = s.input.channels;
  if (s.stride == 1) {  // the same convolution, of dy by the filters turned around
    const int taps = s.kernel * s.kernel;
    real* const filters = scratch + row_size(s);
    for (int t = 0; t < taps; ++t) copy(filters + t * channels, w + (taps - 1 - t) * channels, channels);
    ConvolutionShape turned = s;
    std::swap(turned.input, turned.output);
    turned.top = s.kernel - 1 - s.top, turned.left = s.kernel - 1 - s.left;
    return convolve(turned, samples, dy, filters, dx, {}, scratch);
  }
  // The first rows of dx are whole when the rows of dy that begin in them have been added.
  const ByRows by{s.input.height, 1, s.top + s.stride - 1, s.stride};
  const int line = s.input.width * channels;
  const auto added = [=](int end) { return std::min(s.output.height, by.needed(end)); };
  const auto begun = [=](int oy) { return oy == 0 ? 0 : std::clamp((oy - 1) * s.stride - s.top + s.kernel, 0, s.input.height); };
  const auto add_rows_of = [=](int n, Range rows) {
    const Range from{rows.begin == 0 ? 0 : added(rows.begin), rows.end == s.input.height ? s.output.height : added(rows.end)};
    const int clear = std::max(rows.begin, begun(from.begin)), until = std::max(rows.end, begun(from.end));
    real* const picture = dx + std::ptrdiff_t{n} * s.input.size();
    fill(picture + std::ptrdiff_t{clear} * line, 0, (until - clear) * line);
    for (int oy = from.begin; oy < from.end; ++oy) {
      const real* row = dy + (std::ptrdiff_t{n} * s.output.height + oy) * s.output.width * channels;
      each_vector(channels, [&](int c, auto lanes) {
        each_tap(s, oy, c, [&](int ky, int tap, std::ptrdiff_t to, std::ptrdiff_t at, int count) {
          real* const out = picture + std::ptrdiff_t{oy * s.stride - s.top + ky} * line + to;
          add_products(count, load(w + tap, lanes), row + at, channels, out, s.stride * channels, lanes);
        });
      });
    }
  };
  for_samples(
      samples, std::max(s.input.size(), s.output.size()),
      [=](const Samples& part) {
        for (int n = part.begin; n < part.end; ++n) add_rows_of(n, part.rows);
      },
      by);
}

void depthwise_weight_gradient(const ConvolutionShape& s, int samples, const PixelInput& x, const real* dy, real* dw,
                               real* scratch) {
  const int channels = s.input.channels, slices = slices_of(samples), size = filter_size(s), walk = walk_of(s);
  real *const zeros = scratch, *const kept = scratch + row_size(s), *const parts = kept + kSlices * kept_size(s);
  fill(zeros, 0, row_size(s));
  const auto add = [=](const Samples& part) {
    real* const total = parts + std::ptrdiff_t{part.slice} * size;
    if (part.first) fill(total, 0, size);
    Lines lines(s, x, zeros, kept + part.slice * kept_size(s), part.rows.begin > 0);
    for (int n = part.begin; n < part.end; ++n) {
      for (int oy = part.rows.begin; oy < part.rows.end; ++oy) {
        const real* out = dy + (std::ptrdiff_t{n} * s.output.height + oy) * s.output.width * channels;
        lines.read(n, oy);
        int done = 0;
        if (!walk) {
          for (; done + kTogether * kLanes <= channels; done += kTogether * kLanes)
            add_row_of_windows<kTogether>(s, lines, oy, done, out, total, Whole{});
        }
        each_vector(channels - done, [&](int rest, auto lanes) {
          const int c = done + rest;
          if constexpr (is_whole<decltype(lanes)>) {
            if (walk == 1) return add_row_of_three(s, lines, c, out + c, total + c);
            if (walk == 2) return add_row_of_three_by_two(s, lines, c, out + c, total + c);
          }
          add_row_of_windows<1>(s, lines, oy, c, out, total, lanes);
        });
      }
    }
  };
  for_samples(samples, std::max(s.input.size(), s.output.size()), add, {s.output.height});
  after_loops([=] {
    copy(dw, parts, size);
    for (int slice = 1; slice < slices; ++slice) {
      map(size, dw, parts + std::ptrdiff_t{slice} * size, dw, [](Vec a, Vec b) { return a + b; });
    }
  });
}

}  // namespace trainground

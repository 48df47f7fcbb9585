#include "convolution.h"
#include "windows.h"

namespace trainground {
namespace {

constexpr int kRun = 128;       // windows per buffer: they are what is summed over
constexpr int kStripTiles = 8;  // tiles per strip: 32 taps of a run lie in 16 KB

// The part of the plane that windows see.
int seen_height(const Windows& windows) { return (windows.grid_rows - 1) * windows.step + windows.rows; }
int seen_width(const Windows& windows) { return (windows.grid_columns - 1) * windows.step + windows.columns; }
std::ptrdiff_t seen_size(const Windows& windows) {
  return std::ptrdiff_t{seen_height(windows)} * seen_width(windows) * windows.channels + kLanes;
}

// Picture n as windows see it, zeros around it: gathering then needs no branch, and may read a vector too far.
void frame(const Windows& windows, const PixelInput& x, int n, real* seen) {
  const int channels = windows.channels, width = seen_width(windows);
  const int from = std::clamp(-windows.first_x, 0, width), until = std::clamp(windows.width - windows.first_x, from, width);
  for (int row = 0; row < seen_height(windows); ++row, seen += width * channels) {
    const int y = windows.first_y + row;
    if (y < 0 || y >= windows.height) {
      fill(seen, 0, width * channels);
      continue;
    }
    fill(seen, 0, from * channels);
    const std::ptrdiff_t first = (std::ptrdiff_t{n} * windows.height + y) * windows.width + windows.first_x + from;
    real* const to = seen + from * channels;
    const real* const pixels = x.read(first, until - from, channels, to);
    if (pixels != to) copy(to, pixels, (until - from) * channels);
    fill(seen + until * channels, 0, (width - until) * channels);
  }
  fill(seen, 0, kLanes);
}

// Whole windows whose runs are of at most 4 * kVectors numbers.
template <int kVectors>
void gather_short(const Windows& windows, const real* seen, int first, int count, real* to, std::ptrdiff_t stride) {
  const int run = windows.columns * windows.channels, rows = windows.rows;
  const std::ptrdiff_t down = std::ptrdiff_t{seen_width(windows)} * windows.channels, right = windows.step * windows.channels;
  int b = first % windows.grid_columns;
  const real* line = seen + first / windows.grid_columns * windows.step * down;
  for (int i = 0; i < count; ++i, to += stride) {
    const real* from = line + b * right;
    real* out = to;
    for (int row = 0; row < rows; ++row, from += down, out += run) {
      for (int v = 0; v < kVectors; ++v) store(out + v * kLanes, load(from + v * kLanes));
    }
    if (++b == windows.grid_columns) b = 0, line += windows.step * down;
  }
}

// Numbers `part` of the windows first .. first+count-1 of a framed picture, each a row of `stride` numbers. Writes up to
// three numbers too many behind each run, which the next run or nobody looks at.
void gather(const Windows& windows, const real* seen, int first, int count, Range part, real* to, std::ptrdiff_t stride) {
  const int run = windows.columns * windows.channels;
  if (part.begin == 0 && part.end == windows.taps()) {
    if (run <= 4) return gather_short<1>(windows, seen, first, count, to, stride);
    if (run <= 8) return gather_short<2>(windows, seen, first, count, to, stride);
    if (run <= 12) return gather_short<3>(windows, seen, first, count, to, stride);
    if (run <= 16) return gather_short<4>(windows, seen, first, count, to, stride);
  }
  const std::ptrdiff_t down = std::ptrdiff_t{seen_width(windows)} * windows.channels, right = windows.step * windows.channels;
  const int first_row = part.begin / run, last_row = (part.end - 1) / run;
  int b = first % windows.grid_columns;
  const real* line = seen + first / windows.grid_columns * windows.step * down;
  for (int i = 0; i < count; ++i, to += stride) {
    const real* from = line + b * right + first_row * down;
    for (int row = first_row; row <= last_row; ++row, from += down) {
      const int begin = std::max(part.begin - row * run, 0), end = std::min(part.end - row * run, run);
      real* out = to + row * run + begin - part.begin;
      for (int j = begin; j < end; j += kLanes, out += kLanes) store(out, load(from + j));
    }
    if (++b == windows.grid_columns) b = 0, line += windows.step * down;
  }
}

std::ptrdiff_t partial_size(const ConvolutionShape& s) {
  return std::ptrdiff_t{round_up(s.taps(), kTileRows)} * round_up(s.filters, kTileColumns);
}

std::ptrdiff_t run_size(const ConvolutionShape& s) {
  return seen_size(forward_windows(s)) + std::ptrdiff_t{kRun} * (kChunkStride + round_up(s.filters, kTileColumns));
}

}  // namespace

std::size_t weight_gradient_scratch(const ConvolutionShape& s, int samples) {
  return static_cast<std::size_t>(slices_of(samples) * (partial_size(s) + run_size(s)));
}

// Runs of windows are gathered row by row into a small buffer, never as a whole; sums over samples are partial sums in slice
// order.
void convolution_weight_gradient(const ConvolutionShape& s, int samples, const PixelInput& x, const real* dy, real* dw,
                                 real* scratch) {
  const Windows windows = forward_windows(s);
  const int taps = s.taps(), filters = s.filters, padded = round_up(filters, kTileColumns);
  const int chunks = chunks_of(taps), per_picture = windows.per_picture(), slices = slices_of(samples);
  const std::ptrdiff_t part_size = partial_size(s);
  const bool in_place = filters == padded && taps <= kRun;  // packing dy pays where many taps share it
  const bool pixels =
      windows.are_pixels() && windows.per_picture() % kTileRows == 0 && windows.channels % kTileRows == 0 && taps <= kChunk;
  // Room for what is written behind each window, and no more: a run of small ones stays close together in the first cache.
  const std::ptrdiff_t a_stride = pixels ? windows.channels : std::min(kChunkStride, round_up(taps + 3, kLanes));
  real* const partial = scratch;
  real* const buffers = scratch + slices * part_size;
  const auto add = [=](const Samples& samples_part) {
    real* const total = partial + samples_part.slice * part_size;  // (taps, padded)
    real* const rows = buffers + samples_part.slice * run_size(s);
    real* const panels = rows + std::ptrdiff_t{kRun} * kChunkStride;
    real* const seen = panels + std::ptrdiff_t{kRun} * padded;
    bool adds = !samples_part.first;  // to what is there
    for (int n = samples_part.begin; n < samples_part.end; ++n) {
      if (!pixels) frame(windows, x, n, seen);
      const Range seen_windows =
          pixels ? Range{samples_part.rows.begin * windows.grid_columns, samples_part.rows.end * windows.grid_columns}
                 : Range{0, per_picture};
      for (int first = seen_windows.begin; first < seen_windows.end; first += kRun) {
        const int count = std::min(kRun, seen_windows.end - first);
        const std::ptrdiff_t first_of_batch = std::ptrdiff_t{n} * per_picture + first;
        const real* b = dy + first_of_batch * filters;
        const real* const in_memory = pixels ? x.read(first_of_batch, count, windows.channels, rows) : nullptr;
        if (!in_place) {
          for (int j = 0; j < filters; j += kTileColumns)
            pack_panel(count, b + j, filters, filters - j, panels + std::ptrdiff_t{j} * kRun);
          b = panels;
        }
        const std::ptrdiff_t b_stride = in_place ? filters : kTileColumns, b_panel = in_place ? 1 : kRun;
        for (int chunk = 0; chunk < chunks; ++chunk) {
          const Range part = slice_range(chunk, chunks, taps);
          const real* a = pixels ? in_memory : rows;
          if (!pixels) gather(windows, seen, first, count, part, rows, a_stride);
          // Where a chunk ends within a tile, that tile would hang over into the next chunk's rows: it goes through a whole one.
          const int tiles = (part.end - part.begin) / kTileRows, edge = part.begin + tiles * kTileRows;
          for (int first_tile = 0; first_tile < tiles; first_tile += kStripTiles) {
            const int k = part.begin + first_tile * kTileRows;
            for (int j = 0; j < filters; j += kTileColumns) {
              strip_of_columns(std::min(kStripTiles, tiles - first_tile), count, a + (k - part.begin), a_stride, kTileRows,
                               b + j * b_panel, b_stride, total + std::ptrdiff_t{k} * padded + j, padded, adds);
            }
          }
          for (int j = 0; j < filters && edge < part.end; j += kTileColumns) {
            real whole[kTileRows * kTileColumns];
            strip_of_columns(1, count, a + (edge - part.begin), a_stride, 0, b + j * b_panel, b_stride, whole, kTileColumns,
                             false);
            for (int k = edge; k < part.end; ++k) {
              real* to = total + std::ptrdiff_t{k} * padded + j;
              if (!adds) fill(to, 0, kTileColumns);
              map(kTileColumns, to, whole + (k - edge) * kTileColumns, to, [](Vec a, Vec b) { return a + b; });
            }
          }
        }
        adds = true;
      }
    }
  };
  for_samples(samples, std::max(s.input.size(), s.output.size()), add, pixels ? ByRows{windows.grid_rows} : ByRows{});
  after_loops([=] {
    parallel_for(slices_of(taps), [&](int slice) {
      const Range range = slice_range(slice, slices_of(taps), taps);
      for (int k = range.begin; k < range.end; ++k) {
        real* to = dw + std::ptrdiff_t{k} * filters;
        copy(to, partial + std::ptrdiff_t{k} * padded, filters);
        for (int part = 1; part < slices; ++part) {
          map(filters, to, partial + part * part_size + std::ptrdiff_t{k} * padded, to, [](Vec a, Vec b) { return a + b; });
        }
      }
    });
  });
}

}  // namespace trainground

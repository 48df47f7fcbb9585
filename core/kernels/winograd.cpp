#include "winograd.h"

#include <algorithm>

#include "../depth_first.h"
#include "microkernel.h"
#include "winograd_transforms.h"

namespace trainground {
namespace {

using namespace winograd;

constexpr int kPlanes = kWindow * kWindow;
constexpr int kGroup = kTileRows;  // tiles per micro-kernel
constexpr int kLongestRow = 512;   // channels
constexpr int kLongestChunk = 32;  // tiles per chunk of a convolution
constexpr int kRun = 128;          // tiles per chunk in the weight gradient, where they are what is summed over
constexpr int kPad = 16;           // numbers between planes: keeps them from falling into the same cache sets

// The tiles of a batch, numbered through all pictures.
struct Tiles {
  int height, width, channels;  // of the pictures that windows are cut from
  int top, left;                // zeros before them
  int out_height, out_width;
  int rows, columns;  // of tiles in one picture

  Tiles(int h, int w, int c, int before_y, int before_x, int out_h, int out_w)
      : height(h),
        width(w),
        channels(c),
        top(before_y),
        left(before_x),
        out_height(out_h),
        out_width(out_w),
        rows((out_h + kTile - 1) / kTile),
        columns((out_w + kTile - 1) / kTile) {}
  int per_picture() const { return rows * columns; }
};

struct Place {
  std::ptrdiff_t picture;
  int y, x;  // of the first output
};
Place place_of(const Tiles& tiles, std::ptrdiff_t tile) {
  const int inside = static_cast<int>(tile % tiles.per_picture());
  return {tile / tiles.per_picture(), inside / tiles.columns * kTile, inside % tiles.columns * kTile};
}

constexpr int kSideBySide = 8;                                // tiles of a row whose windows are transformed together, at most
constexpr int kSeen = kSideBySide * kTile + kWindow - kTile;  // columns that they see
// A row of zeros for those beyond the picture.
std::ptrdiff_t border_size(int channels) { return std::ptrdiff_t{kSeen} * channels + kLanes; }

// V of `count` tiles: plane p, tile t, channel c at v[p * plane + t * row + c]. Tiles side by side share the columns that both
// see: these are transformed once, then the rows of each window.
void transform_windows(const Tiles& tiles, const real* x, std::ptrdiff_t first, int count, real* v, std::ptrdiff_t plane,
                       std::ptrdiff_t row, real* border) {
  const int channels = tiles.channels;
  fill(border, 0, border_size(channels));
  for (int t = 0, together; t < count; t += together, v += together * row) {
    const Place place = place_of(tiles, first + t);
    together = std::min({count - t, tiles.columns - place.x / kTile, kSideBySide});
    const int top = place.y - tiles.top, left = place.x - tiles.left, seen = together * kTile + kWindow - kTile;
    const int begin = std::clamp(-left, 0, seen), end = std::clamp(tiles.width - left, begin, seen);
    const real* lines[kWindow];
    for (int i = 0; i < kWindow; ++i) {
      const bool inside = top + i >= 0 && top + i < tiles.height;
      lines[i] = inside ? x + ((place.picture * tiles.height + top + i) * tiles.width + left + begin) * channels : border;
    }
    for (int c = 0; c < channels; c += kLanes) {
      const int present = std::min(kLanes, channels - c);
      Vec half[kSeen][kWindow];
      for (int j = 0; j < seen; ++j) {
        Vec column[kWindow] = {};
        const std::ptrdiff_t at = std::ptrdiff_t{j - begin} * channels + c;
#pragma GCC unroll 8
        for (int i = 0; i < kWindow && j >= begin && j < end; ++i)
          column[i] = present == kLanes ? load(lines[i] + at) : load_part(lines[i] + at, present);
        input_transform(column, half[j]);
      }
      real* to = v + c;
      for (int tile = 0; tile < together; ++tile, to += row) {
        for (int i = 0; i < kWindow; ++i) {
          Vec line[kWindow], out[kWindow];
#pragma GCC unroll 8
          for (int j = 0; j < kWindow; ++j) line[j] = half[tile * kTile + j][i];
          input_transform(line, out);
#pragma GCC unroll 8
          for (int j = 0; j < kWindow; ++j) store(to + (i * kWindow + j) * plane, out[j]);
        }
      }
    }
  }
}

// Numbers between planes of U: (channels, 8) each.
std::ptrdiff_t weight_plane(int channels) { return std::ptrdiff_t{channels} * kTileColumns + kPad; }

std::ptrdiff_t weights_size(int channels, int filters) {
  return round_up(filters, kTileColumns) / kTileColumns * kPlanes * weight_plane(channels);
}

// U (filters/8, planes, channels, 8) from w (3,3,channels,filters); turned: for the input gradient, where w is
// (3,3,filters,channels) and each filter is turned by 180 degrees.
void transform_weights(const real* w, int channels, int filters, bool turned, real* u) {
  const int blocks = (filters + kTileColumns - 1) / kTileColumns;
  const std::ptrdiff_t plane = weight_plane(channels);
  parallel_for(slices_of(blocks), [&](int slice) {
    const Range range = slice_range(slice, slices_of(blocks), blocks);
    for (int half = range.begin * 2; half < range.end * 2; ++half) {
      const int filter = half * kLanes, present = std::clamp(filters - filter, 0, kLanes);
      real* const to = u + half / 2 * kPlanes * plane + half % 2 * kLanes;
      const auto put = [&](int channel, const Vec(&g)[3][3]) {
        Vec rows[kWindow][3];
        for (int j = 0; j < 3; ++j) {
          const Vec column[3] = {g[0][j], g[1][j], g[2][j]};
          Vec out[kWindow];
          weight_transform(column, out);
          for (int i = 0; i < kWindow; ++i) rows[i][j] = out[i];
        }
        for (int i = 0; i < kWindow; ++i) {
          Vec out[kWindow];
          weight_transform(rows[i], out);
          for (int j = 0; j < kWindow; ++j)
            store(to + (i * kWindow + j) * plane + std::ptrdiff_t{channel} * kTileColumns, out[j]);
        }
      };
      if (!turned) {
        for (int channel = 0; channel < channels; ++channel) {
          Vec g[3][3];
          for (int t = 0; t < 9; ++t) {
            const real* from = w + (std::ptrdiff_t{t} * channels + channel) * filters + filter;
            g[t / 3][t % 3] = present == kLanes ? load(from) : load_part(from, present);
          }
          put(channel, g);
        }
        continue;
      }
      for (int channel = 0; channel < channels; channel += kLanes) {
        const int count = std::min(kLanes, channels - channel);
        Vec g[kLanes][3][3];
        for (int t = 0; t < 9; ++t) {
          Vec r[kLanes] = {};
          for (int f = 0; f < present; ++f) {
            const real* from = w + (std::ptrdiff_t{8 - t} * filters + filter + f) * channels + channel;
            r[f] = count == kLanes ? load(from) : load_part(from, count);
          }
          transpose(r[0], r[1], r[2], r[3]);
          for (int c = 0; c < kLanes; ++c) g[c][t / 3][t % 3] = r[c];
        }
        for (int c = 0; c < count; ++c) put(channel + c, g[c]);
      }
    }
  });
}

// For four tiles and eight filters: all planes' sums over the channels, (planes, 4, 8).
template <int kRow>
[[gnu::noinline]] void sum_channels(int channels, const real* v, std::ptrdiff_t v_plane, const real* u, std::ptrdiff_t u_plane,
                                    real* m) {
  for (int p = 0; p < kPlanes; ++p, v += v_plane, u += u_plane, m += kTileRows * kTileColumns) {
    Tile tile;
    tile.start(nullptr, 0, false);
    const real *a = v, *b = u;
    TRAINGROUND_ROLLED
    for (int k = channels; k > 0; --k) {
      tile.add(a[0], a[kRow], a[2 * kRow], a[3 * kRow], b);
      a += 1, b += kTileColumns;
    }
    tile.end(m, kTileColumns);
  }
}

using SumChannels = void (*)(int, const real*, std::ptrdiff_t, const real*, std::ptrdiff_t, real*);
struct Row {
  int size;
  SumChannels sum;
};
// The micro-kernel wants a constant distance between tiles, so there is one for each of these.
Row row_for(int channels) {
  if (channels <= 16) return {16, sum_channels<16>};
  if (channels <= 32) return {32, sum_channels<32>};
  if (channels <= 64) return {64, sum_channels<64>};
  if (channels <= 128) return {128, sum_channels<128>};
  if (channels <= 256) return {256, sum_channels<256>};
  return {kLongestRow, sum_channels<kLongestRow>};
}

// Tiles per chunk in the forward direction: V should stay in the second cache.
int chunk_for(int row) { return std::clamp(4096 / row, kGroup, kLongestChunk); }

std::ptrdiff_t forward_size(int channels) {
  const int row = row_for(channels).size;
  return kPlanes * (std::ptrdiff_t{chunk_for(row)} * row + kPad) + border_size(channels) + kPlanes * kTileRows * kTileColumns;
}

// One tile's outputs for four filters, from its sums m (planes apart by 32 numbers).
// kWhole: all of the tile is inside the picture, and all four filters are there.
template <bool kWhole>
inline void write_tile(const Tiles& tiles, const Place& place, const real* m, int filters, int filter, const Vec& bias,
                       bool clamps, const Vec& low, const Vec& high, real* y) {
  Vec in[kWindow][kWindow];
#pragma GCC unroll 8
  for (int i = 0; i < kWindow; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < kWindow; ++j) in[i][j] = load(m + (i * kWindow + j) * kTileRows * kTileColumns);
  }
  const int rows = tiles.out_height - place.y, columns = tiles.out_width - place.x, present = filters - filter;
  real* corner = y + ((place.picture * tiles.out_height + place.y) * tiles.out_width + place.x) * filters + filter;
  square<kWindow, kTile>(in, output_transform, [&](int i, Vec* out) {
    if (!kWhole && i >= rows) return;
    real* to = corner + std::ptrdiff_t{i} * tiles.out_width * filters;
#pragma GCC unroll 8
    for (int j = 0; j < kTile; ++j, to += filters) {
      if (!kWhole && j >= columns) return;
      Vec value = out[j] + bias;
      if (clamps) value = clamp(value, low, high);
      if (kWhole || present >= kLanes)
        store(to, value);
      else
        store_part(to, value, present);
    }
  });
}

void convolve(const Tiles& tiles, int samples, const real* x, const real* u, int filters, real* y, const Epilogue& epilogue,
              real* buffers) {
  const int channels = tiles.channels;
  const Row row = row_for(channels);
  const int chunk = chunk_for(row.size);
  const std::ptrdiff_t plane = std::ptrdiff_t{chunk} * row.size + kPad, u_plane = weight_plane(channels);
  const int size = std::max(tiles.height * tiles.width * channels, tiles.out_height * tiles.out_width * filters);
  for_fours(samples, tiles.per_picture(), size, [=](int slice, Range part) {
    const bool clamps = epilogue.clamps();
    const Vec low = splat(epilogue.low), high = splat(epilogue.high);
    real* const v = buffers + slice * forward_size(channels);
    real* const border = v + kPlanes * plane;
    real* const m = border + border_size(channels);
    for (int first = part.begin; first < part.end; first += chunk) {
      const int count = std::min(chunk, part.end - first);
      transform_windows(tiles, x, first, count, v, plane, row.size, border);
      Place places[kLongestChunk];
      for (int t = 0; t < count; ++t) places[t] = place_of(tiles, first + t);
      for (int filter = 0; filter < filters; filter += kTileColumns) {
        const real* block = u + filter / kTileColumns * kPlanes * u_plane;
        Vec bias[2] = {};
        for (int half = 0; half < 2 && epilogue.bias; ++half) {
          const int at = filter + half * kLanes, present = std::min(kLanes, filters - at);
          if (present > 0) bias[half] = load_part(epilogue.bias + at, present);
        }
        for (int t = 0; t < count; t += kGroup) {
          row.sum(channels, v + std::ptrdiff_t{t} * row.size, plane, block, u_plane, m);
          for (int i = 0; i < std::min(kGroup, count - t); ++i) {
            const Place place = places[t + i];
            const bool inside = place.y + kTile <= tiles.out_height && place.x + kTile <= tiles.out_width;
            for (int half = 0; half < 2 && filter + half * kLanes < filters; ++half) {
              const bool whole = inside && filter + (half + 1) * kLanes <= filters;
              (whole ? write_tile<true> : write_tile<false>)(tiles, place, m + i * kTileColumns + half * kLanes, filters,
                                                             filter + half * kLanes, bias[half], clamps, low, high, y);
            }
          }
        }
      }
    }
  });
}

// Rows of the weight gradient's V and M': an odd number of cache lines, so that a column does not fall into few cache sets.
int odd_lines(int numbers) {
  return round_up(numbers, kPad) / kPad % 2 ? round_up(numbers, kPad) : round_up(numbers, kPad) + kPad;
}

// M' = A dY A' of `count` tiles: plane p, tile t, filter f at m[p * plane + t * row + f]; outputs beyond the picture count as 0.
void spread_outputs(const Tiles& tiles, const real* dy, int filters, std::ptrdiff_t first, int count, real* m,
                    std::ptrdiff_t plane, std::ptrdiff_t row) {
  for (int t = 0; t < count; ++t, m += row) {
    const Place place = place_of(tiles, first + t);
    const int rows = tiles.out_height - place.y, columns = tiles.out_width - place.x;
    const real* from = dy + ((place.picture * tiles.out_height + place.y) * tiles.out_width + place.x) * filters;
    const bool inside = rows >= kTile && columns >= kTile;
    for (int f = 0; f < filters; f += kLanes) {
      const int present = std::min(kLanes, filters - f);
      Vec d[kTile][kTile];
#pragma GCC unroll 8
      for (int i = 0; i < kTile; ++i) {
#pragma GCC unroll 8
        for (int j = 0; j < kTile; ++j) {
          const real* at = from + (std::ptrdiff_t{i} * tiles.out_width + j) * filters + f;
          if (inside && present == kLanes)
            d[i][j] = load(at);
          else
            d[i][j] = i < rows && j < columns ? load_part(at, present) : splat(0);
        }
      }
      square<kTile, kWindow>(d, output_spread, [&](int i, const Vec* out) {
#pragma GCC unroll 8
        for (int j = 0; j < kWindow; ++j) store(m + (i * kWindow + j) * plane + f, out[j]);
      });
    }
  }
}

Tiles forward_tiles(const ConvolutionShape& s) {
  return {s.input.height, s.input.width, s.input.channels, s.top, s.left, s.output.height, s.output.width};
}

}  // namespace

bool winograd_suits(const ConvolutionShape& s) {
  if (s.kernel != 3 || s.stride != 1 || s.input.channels < 8 || s.filters < 8) return false;
  if (s.input.channels > kLongestRow || s.filters > kLongestRow) return false;
  // Products per output: 36/16 of each tile, also of its part beyond the picture, against 9.
  const Tiles tiles = forward_tiles(s);
  return tiles.per_picture() * kPlanes * 3 < s.output.height * s.output.width * 9 * 2;
}

// Cold: compiled for size.
[[gnu::cold]] ConvolutionScratch winograd_scratch(const ConvolutionShape& s, int samples) {
  const int channels = s.input.channels, filters = s.filters;
  const std::ptrdiff_t forward = weights_size(channels, filters) + kSlices * forward_size(channels);
  const std::ptrdiff_t input = weights_size(filters, channels) + kSlices * forward_size(filters);
  const int run = std::min(kRun, samples * forward_tiles(s).per_picture());
  const std::ptrdiff_t weight = std::ptrdiff_t{kPlanes} * round_up(channels, kTileRows) * round_up(filters, kTileColumns) +
                                kPlanes * (std::ptrdiff_t{run} * (odd_lines(channels) + odd_lines(filters)) + 2 * kPad) +
                                kSlices * border_size(channels);
  return {static_cast<std::size_t>(std::max(forward, input)), static_cast<std::size_t>(weight)};
}

void winograd_convolution(const ConvolutionShape& s, int samples, const real* x, const real* w, real* y, const Epilogue& epilogue,
                          real* scratch) {
  transform_weights(w, s.input.channels, s.filters, false, scratch);
  convolve(forward_tiles(s), samples, x, scratch, s.filters, y, epilogue, scratch + weights_size(s.input.channels, s.filters));
}

void winograd_input_gradient(const ConvolutionShape& s, int samples, const real* dy, const real* w, real* dx, real* scratch) {
  transform_weights(w, s.filters, s.input.channels, true, scratch);
  const Tiles tiles(s.output.height, s.output.width, s.filters, 2 - s.top, 2 - s.left, s.input.height, s.input.width);
  convolve(tiles, samples, dy, scratch, s.input.channels, dx, {}, scratch + weights_size(s.filters, s.input.channels));
}

// dU[plane] = sum over all tiles of V' M', then dw = G' dU G. Chunk by chunk all threads transform tiles, then each takes planes:
// no partial sums, whatever the number of threads.
void winograd_weight_gradient(const ConvolutionShape& s, int samples, const real* x, const real* dy, real* dw, real* scratch) {
  const Tiles tiles = forward_tiles(s);
  const int channels = s.input.channels, filters = s.filters;
  const int v_row = odd_lines(channels), m_row = odd_lines(filters), u_row = round_up(filters, kTileColumns);
  const int all = samples * tiles.per_picture(), run = std::min(kRun, all);
  const std::ptrdiff_t v_plane = std::ptrdiff_t{run} * v_row + kPad, m_plane = std::ptrdiff_t{run} * m_row + kPad;
  const std::ptrdiff_t u_plane = std::ptrdiff_t{round_up(channels, kTileRows)} * u_row;
  finish_loops();
  real* const u = scratch;
  real* const v = u + kPlanes * u_plane;
  real* const m = v + kPlanes * v_plane;
  real* const borders = m + kPlanes * m_plane;
  for (int first = 0; first < all; first += run) {
    const int count = std::min(run, all - first), slices = slices_of(count);
    parallel_for(slices, [&](int slice) {
      const Range range = slice_range(slice, slices, count);
      transform_windows(tiles, x, first + range.begin, range.end - range.begin, v + std::ptrdiff_t{range.begin} * v_row, v_plane,
                        v_row, borders + slice * border_size(channels));
      spread_outputs(tiles, dy, filters, first + range.begin, range.end - range.begin, m + std::ptrdiff_t{range.begin} * m_row,
                     m_plane, m_row);
    });
    parallel_for(kPlanes, [&](int p) {
      for (int filter = 0; filter < filters; filter += kTileColumns) {
        strip_of_columns((channels + kTileRows - 1) / kTileRows, count, v + p * v_plane, v_row, kTileRows,
                         m + p * m_plane + filter, m_row, u + p * u_plane + filter, u_row, first > 0);
      }
    });
  }
  parallel_for(slices_of(channels), [&](int slice) {
    const Range range = slice_range(slice, slices_of(channels), channels);
    for (int channel = range.begin; channel < range.end; ++channel) {
      for (int filter = 0; filter < filters; filter += kLanes) {
        Vec half[3][kWindow];
        for (int j = 0; j < kWindow; ++j) {
          Vec column[kWindow], out[3];
          for (int i = 0; i < kWindow; ++i)
            column[i] = load(u + (i * kWindow + j) * u_plane + std::ptrdiff_t{channel} * u_row + filter);
          weight_collect(column, out);
          for (int i = 0; i < 3; ++i) half[i][j] = out[i];
        }
        for (int i = 0; i < 3; ++i) {
          Vec out[3];
          weight_collect(half[i], out);
          for (int j = 0; j < 3; ++j) {
            real* to = dw + (std::ptrdiff_t{i * 3 + j} * channels + channel) * filters + filter;
            if (filters - filter >= kLanes)
              store(to, out[j]);
            else
              store_part(to, out[j], filters - filter);
          }
        }
      }
    }
  });
}

}  // namespace trainground

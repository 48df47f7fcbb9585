#include "augmentation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace trainground {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

// ln(k / 2^16) for k in 1..2^16: the exponent's share, and 2 atanh((m-1)/(m+1)) of the mantissa m, in sqrt(1/2)..sqrt(2) so that
// what lies near 1 loses nothing.
inline float log_of_share(std::uint32_t k) {
  constexpr std::uint32_t kOne = 0x3f800000, kRootOfHalf = 0x3f3504f3;  // as bits of a float
  const float value = static_cast<float>(static_cast<int>(k));          // a signed conversion is one instruction
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits += kOne - kRootOfHalf;
  const float exponent = static_cast<float>(static_cast<int>(bits >> 23) - 127 - 16);
  bits = (bits & 0x7fffff) + kRootOfHalf;
  float mantissa;
  std::memcpy(&mantissa, &bits, sizeof mantissa);
  const float s = (mantissa - 1) / (mantissa + 1), q = s * s;
  return exponent * 0.693147181f + s * (2 + q * (2.0f / 3 + q * (2.0f / 5 + q * (2.0f / 7))));
}

// sin(2 pi t) for t in -1/4..1/4.
inline float sine_of_turn(float t) {
  const float a = t * 6.28318531f, q = a * a;
  return a * (1 + q * (-1.0f / 6 + q * (1.0f / 120 + q * (-1.0f / 5040 + q * (1.0f / 362880)))));
}

// The random words of one transform of one sample.
class Words {
 public:
  Words(const AugmentationKey& key, std::size_t place) : key_(key), first_(static_cast<std::uint32_t>(place) << 24) {}

  RandomBlock block(std::uint32_t index) const {
    return random_block(key_.seed, Stream::augmentation, key_.epoch, key_.sample, first_ + index);
  }

 private:
  const AugmentationKey& key_;
  std::uint32_t first_;
};

float between(double low, double high, std::uint32_t word) { return static_cast<float>(low + (high - low) * uniform(word)); }

void clamp_all(real* pixels, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) pixels[i] = std::min(std::max(pixels[i], real{0}), real{1});
}

// The mean over all of count numbers, eight partial sums wide so that it can be added in vectors; the order is fixed.
real mean_of(const real* values, std::size_t count) {
  real sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += values[i + lane];
  }
  for (; i < count; ++i) sums[0] += values[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5]) + ((sums[2] + sums[6]) + (sums[3] + sums[7]))) / static_cast<real>(count);
}

}  // namespace

// Each loop is one step of the formula over all words, without a branch: that is the form that compilers turn into vectors.
void normals_of(const std::uint32_t* words, float* normals) {
  float radius[kNormalWords], turn[kNormalWords], size[kNormalWords];
  for (std::size_t i = 0; i < kNormalWords; ++i)
    radius[i] = std::sqrt(std::max(0.0f, -2 * log_of_share((words[i] & 0xffff) + 1)));
  // A turn t = x + 1/2: cos t = -cos x, sin t = -sin x, and both are sines of something within a quarter turn.
  for (std::size_t i = 0; i < kNormalWords; ++i) turn[i] = static_cast<float>(static_cast<int>(words[i] >> 16)) * 0x1p-16f - 0.5f;
  for (std::size_t i = 0; i < kNormalWords; ++i) size[i] = std::abs(turn[i]);
  for (std::size_t i = 0; i < kNormalWords; ++i) turn[i] = size[i] > 0.25f ? std::copysign(0.5f - size[i], turn[i]) : turn[i];
  for (std::size_t i = 0; i < kNormalWords; ++i) {
    normals[2 * i] = -radius[i] * sine_of_turn(0.25f - size[i]);
    normals[2 * i + 1] = -radius[i] * sine_of_turn(turn[i]);
  }
}

AugmentationScratch::AugmentationScratch(const Shape& shape)
    : picture_(static_cast<std::size_t>(shape.size())), columns_(static_cast<std::size_t>(shape.width)) {}

// One picture on its way through the list.
class Augmenter {
 public:
  Augmenter(const Shape& shape, bool clamp, AugmentationScratch& scratch, real* pixels)
      : shape_(shape), clamp_(clamp), scratch_(scratch), pixels_(pixels), count_(static_cast<std::size_t>(shape.size())) {}

  void apply(const AugmentationOptions& options, const Words& words) {
    const RandomBlock block = words.block(0);
    if (!(uniform(block[0]) < options.probability)) return;
    switch (options.type) {
      case AugmentationType::flip:
        return flip(uniform(block[1]) < options.horizontal, uniform(block[2]) < options.vertical);
      case AugmentationType::rotation:
        return rotate(between(-options.degrees, options.degrees, block[1]));
      case AugmentationType::randomCrop:
        return crop(between(options.scale_min, options.scale_max, block[1]), uniform(block[2]), uniform(block[3]));
      case AugmentationType::colorShift:
        return shift_color(between(-options.brightness, options.brightness, block[1]),
                           1 + between(-options.saturation, options.saturation, block[2]),
                           between(-options.hue, options.hue, block[3]));
      case AugmentationType::noise:
        return add_noise(static_cast<float>(options.stddev), words);
      case AugmentationType::cutout:
        return cut_out(options.size, block[1], block[2]);
      case AugmentationType::contrast:
        return change_contrast(between(options.contrast_min, options.contrast_max, block[1]));
      case AugmentationType::shift: {
        const int pixels = static_cast<int>(options.pixels), places = 2 * pixels + 1;
        return shift(static_cast<int>(below(block[1], static_cast<std::uint32_t>(places))) - pixels,
                     static_cast<int>(below(block[2], static_cast<std::uint32_t>(places))) - pixels);
      }
    }
  }

 private:
  void flip(bool horizontal, bool vertical) {
    const std::size_t width = static_cast<std::size_t>(shape_.width), channels = static_cast<std::size_t>(shape_.channels);
    const std::size_t height = static_cast<std::size_t>(shape_.height), row = width * channels;
    for (std::size_t y = 0; horizontal && y < height; ++y) {
      real *left = pixels_ + y * row, *right = left + row - channels;
      for (; left < right; left += channels, right -= channels) std::swap_ranges(left, left + channels, right);
    }
    for (std::size_t y = 0; vertical && y < height / 2; ++y) {
      std::swap_ranges(pixels_ + y * row, pixels_ + (y + 1) * row, pixels_ + (height - 1 - y) * row);
    }
  }

  // The four neighbours of a place between pixels, clamped to the picture, mixed in every channel.
  struct Place {
    int first, second;
    real share;
  };
  static Place between_pixels(real at, int length) {
    const real inside = std::min(std::max(at, real{0}), static_cast<real>(length - 1));
    const int first = static_cast<int>(inside);
    return {first, std::min(first + 1, length - 1), inside - static_cast<real>(first)};
  }
  void mix(const real* top, const real* bottom, int first, int second, real across, real down, real* out) const {
    const int channels = shape_.channels;
    const real *a = top + first * channels, *b = top + second * channels, *c = bottom + first * channels,
               *d = bottom + second * channels;
    for (int channel = 0; channel < channels; ++channel) {
      const real upper = a[channel] + (b[channel] - a[channel]) * across, lower = c[channel] + (d[channel] - c[channel]) * across;
      out[channel] = upper + (lower - upper) * down;
    }
  }

  // out(x, y) = in(centre + R (x - centre, y - centre)), R a turn by the angle.
  void rotate(float degrees) {
    if (degrees == 0) return;
    const real cosine = static_cast<real>(std::cos(degrees * kDegree)), sine = static_cast<real>(std::sin(degrees * kDegree));
    const real middle_x = static_cast<real>(shape_.width - 1) / 2, middle_y = static_cast<real>(shape_.height - 1) / 2;
    const real* source = take_picture();
    const int row = shape_.width * shape_.channels;
    real* out = pixels_;
    for (int y = 0; y < shape_.height; ++y) {
      const real dy = static_cast<real>(y) - middle_y, start_x = middle_x - sine * dy, start_y = middle_y + cosine * dy;
      for (int x = 0; x < shape_.width; ++x, out += shape_.channels) {
        const real dx = static_cast<real>(x) - middle_x;
        const Place across = between_pixels(start_x + cosine * dx, shape_.width);
        const Place down = between_pixels(start_y + sine * dx, shape_.height);
        mix(source + down.first * row, source + down.second * row, across.first, across.second, across.share, down.share, out);
      }
    }
  }

  // A part `scale` as high and wide as the picture, anywhere in it, brought back to full size; above 1 the picture shrinks
  // instead.
  void crop(float scale, float across, float down) {
    if (scale == 1) return;
    const real size = scale;
    const real left = (1 - size) * static_cast<real>(shape_.width) * across,
               top = (1 - size) * static_cast<real>(shape_.height) * down;
    const real* source = take_picture();
    const auto at = [&](real start, int i) { return start + (static_cast<real>(i) + real{0.5}) * size - real{0.5}; };
    for (int x = 0; x < shape_.width; ++x) {
      const Place place = between_pixels(at(left, x), shape_.width);
      scratch_.columns_[static_cast<std::size_t>(x)] = {place.first, place.second, place.share};
    }
    const int row = shape_.width * shape_.channels;
    real* out = pixels_;
    for (int y = 0; y < shape_.height; ++y) {
      const Place place = between_pixels(at(top, y), shape_.height);
      const real *upper = source + place.first * row, *lower = source + place.second * row;
      for (const AugmentationScratch::Tap& tap : scratch_.columns_) {
        mix(upper, lower, tap.first, tap.second, tap.share, place.share, out);
        out += shape_.channels;
      }
    }
  }

  // Brightness for any picture. In colour also saturation (away from grey) and hue (a turn about the grey axis), both as matrices
  // that keep luminance: those of SVG's feColorMatrix. hue(degrees) saturate(factor) pixel + brightness.
  void shift_color(float brightness, float saturation, float hue) {
    if (shape_.channels != 3) {
      for (std::size_t i = 0; i < count_; ++i) pixels_[i] += brightness;
      return finish();
    }
    constexpr double kLuminance[3] = {0.213, 0.715, 0.072};
    constexpr double kSine[3][3] = {{-0.213, -0.715, 0.928}, {0.143, 0.140, -0.283}, {-0.787, 0.715, 0.072}};
    const double cosine = std::cos(hue * kDegree), sine = std::sin(hue * kDegree);
    double turn[3][3];
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) turn[i][j] = kLuminance[j] * (1 - cosine) + (i == j ? cosine : 0) + kSine[i][j] * sine;
    }
    real m[3][3];
    for (int i = 0; i < 3; ++i) {
      // Each row of the turn sums to 1, so grey stays grey: turn (s v + (1-s) grey) = s turn v + (1-s) grey.
      for (int j = 0; j < 3; ++j) m[i][j] = static_cast<real>(saturation * turn[i][j] + (1 - saturation) * kLuminance[j]);
    }
    for (real* p = pixels_; p < pixels_ + count_; p += 3) {
      const real r = p[0], g = p[1], b = p[2];
      for (int i = 0; i < 3; ++i) p[i] = m[i][0] * r + m[i][1] * g + m[i][2] * b + brightness;
    }
    finish();
  }

  void add_noise(float deviation, const Words& words) {
    std::uint32_t numbers[kNormalWords];
    float normals[2 * kNormalWords];
    std::uint32_t block = 1;
    for (std::size_t i = 0; i < count_; i += 2 * kNormalWords) {
      for (std::size_t word = 0; word < kNormalWords; word += 4) {
        const RandomBlock four = words.block(block++);
        std::copy(four.begin(), four.end(), numbers + word);
      }
      normals_of(numbers, normals);
      const std::size_t here = std::min(2 * kNormalWords, count_ - i);
      for (std::size_t j = 0; j < here; ++j) pixels_[i + j] += deviation * normals[j];
    }
    finish();
  }

  // A square about any pixel, cut off at the edges as in DeVries and Taylor (2017); filled with each channel's mean over the
  // picture, which tells a network as little as their zero after normalisation.
  void cut_out(double size, std::uint32_t column, std::uint32_t row) {
    const int side = static_cast<int>(std::lround(size * std::min(shape_.height, shape_.width)));
    if (side < 1) return;
    const int left = static_cast<int>(below(column, static_cast<std::uint32_t>(shape_.width))) - side / 2;
    const int top = static_cast<int>(below(row, static_cast<std::uint32_t>(shape_.height))) - side / 2;
    const int channels = shape_.channels;
    for (int channel = 0; channel < channels; ++channel) {
      real sum = 0;
      for (std::size_t i = static_cast<std::size_t>(channel); i < count_; i += static_cast<std::size_t>(channels))
        sum += pixels_[i];
      const real mean = sum / static_cast<real>(shape_.height * shape_.width);
      for (int y = std::max(0, top); y < std::min(shape_.height, top + side); ++y) {
        for (int x = std::max(0, left); x < std::min(shape_.width, left + side); ++x) {
          pixels_[(y * shape_.width + x) * channels + channel] = mean;
        }
      }
    }
  }

  void change_contrast(float factor) {
    const real mean = mean_of(pixels_, count_);
    for (std::size_t i = 0; i < count_; ++i) pixels_[i] = mean + (pixels_[i] - mean) * factor;
    finish();
  }

  void shift(int across, int down) {
    if (across == 0 && down == 0) return;
    const real* source = take_picture();
    const int width = shape_.width, channels = shape_.channels;
    const int kept = std::max(0, width - std::abs(across));  // columns that stay in view
    real* out = pixels_;
    for (int y = 0; y < shape_.height; ++y) {
      const real* row = source + std::clamp(y - down, 0, shape_.height - 1) * width * channels;
      for (int x = 0; x < std::min(across, width); ++x) out = std::copy_n(row, channels, out);
      out = std::copy_n(row + std::clamp(-across, 0, width) * channels, kept * channels, out);
      for (int x = 0; x < std::min(-across, width); ++x) out = std::copy_n(row + (width - 1) * channels, channels, out);
    }
  }

  const real* take_picture() {
    std::copy_n(pixels_, count_, scratch_.picture_.data());
    return scratch_.picture_.data();
  }
  void finish() {
    if (clamp_) clamp_all(pixels_, count_);
  }

  const Shape& shape_;
  const bool clamp_;
  AugmentationScratch& scratch_;
  real* pixels_;
  const std::size_t count_;
};

void augment(std::span<const AugmentationOptions> transforms, const Shape& shape, const AugmentationKey& key, bool clamp,
             AugmentationScratch& scratch, real* pixels) {
  Augmenter augmenter(shape, clamp, scratch, pixels);
  for (std::size_t place = 0; place < transforms.size(); ++place) augmenter.apply(transforms[place], Words(key, place));
}

}  // namespace trainground

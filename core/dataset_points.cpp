// Two-dimensional toy sets, as arrays: moons and circles (scikit-learn's, moved and scaled into -1..1), xor, Gaussians, two
// spirals.
#include <cmath>
#include <numbers>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "dataset.h"
#include "random.h"

namespace trainground {
namespace {

using Column = xt::xtensor<double, 1>;

struct Points {
  Column x, y;
};

// Uniform numbers in -1..1, and standard normal ones; the two coordinates of a sample from words of its own.
Points uniform_points(std::size_t samples, std::uint64_t seed) {
  Points points{Column::from_shape({samples}), Column::from_shape({samples})};
  for (std::size_t i = 0; i < samples; ++i) {
    const RandomBlock block = random_block(seed, Stream::points, 0, static_cast<std::uint32_t>(i), 0);
    points.x(i) = 2.0 * uniform(block[2]) - 1;
    points.y(i) = 2.0 * uniform(block[3]) - 1;
  }
  return points;
}

Points normal_points(std::size_t samples, std::uint64_t seed) {
  Points points{Column::from_shape({samples}), Column::from_shape({samples})};
  for (std::size_t i = 0; i < samples; ++i) {
    const RandomBlock block = random_block(seed, Stream::points, 0, static_cast<std::uint32_t>(i), 0);
    const std::array<float, 2> pair = normal_pair(block[0], block[1]);
    points.x(i) = pair[0];
    points.y(i) = pair[1];
  }
  return points;
}

}  // namespace

ParsedDataset make_points(const std::string& shape, int samples, double noise, std::uint64_t seed) {
  ParsedDataset parsed;
  if (samples < 4 || samples > 100000) {
    parsed.problems.push_back({"samples", "a whole number from 4 to 100000", std::to_string(samples)});
  }
  if (!(noise >= 0 && noise <= 2)) parsed.problems.push_back({"noise", "a number from 0 to 2", std::to_string(noise)});
  if (shape != "moons" && shape != "circles" && shape != "xor" && shape != "gaussians" && shape != "spiral") {
    parsed.problems.push_back({"shape", "moons, circles, xor, gaussians or spiral", "'" + shape + "'"});
  }
  if (!parsed.problems.empty()) return parsed;

  const std::size_t count = static_cast<std::size_t>(samples);
  const Column index = xt::arange<double>(samples);
  const Column label = index - 2 * xt::floor(index / 2);  // 0, 1, 0, 1, ...
  const Column sign = 1 - 2 * label;
  // How far along its own curve a sample is: 0..1, evenly spaced.
  const Column along = xt::floor(index / 2) / std::max(1.0, std::ceil(samples / 2.0) - 1);

  Points points;
  double spread = noise;
  if (shape == "moons") {
    // The outer half circle about (0,0) and the inner about (1,0.5), moved so that their middle is the origin.
    const Column angle = std::numbers::pi * along;
    points.x = (sign * xt::cos(angle) + label - 0.5) / 1.5;
    points.y = (sign * xt::sin(angle) + 0.5 * label - 0.25) / 1.5;
  } else if (shape == "circles") {
    const Column angle = 2 * std::numbers::pi * xt::floor(index / 2) / std::ceil(samples / 2.0);
    const Column radius = 1 - 0.5 * label;
    points.x = radius * xt::cos(angle);
    points.y = radius * xt::sin(angle);
  } else if (shape == "xor") {
    // A point anywhere in the square, mirrored in the vertical axis where that makes its quadrant that of its class.
    points = uniform_points(count, seed);
    points.x *= xt::where(xt::equal(xt::sign(points.x * points.y), sign), 1.0, -1.0);
  } else if (shape == "gaussians") {
    points.x = 0.5 * sign;
    points.y = 0.5 * sign;
    spread = noise + 0.1;
  } else {
    const Column angle = 3.5 * std::numbers::pi * along + std::numbers::pi * label;
    points.x = along * xt::sin(angle);
    points.y = along * xt::cos(angle);
  }
  const Points normal = normal_points(count, seed);
  xt::xtensor<float, 2> inputs = xt::empty<float>(std::array<std::size_t, 2>{count, 2});
  xt::view(inputs, xt::all(), 0) = xt::cast<float>(points.x + spread * normal.x);
  xt::view(inputs, xt::all(), 1) = xt::cast<float>(points.y + spread * normal.y);
  const xt::xtensor<std::int32_t, 1> labels = xt::cast<std::int32_t>(label);

  RawSamples raw;
  raw.samples = samples;
  raw.shape = {1, 1, 2};
  raw.floats = {inputs.data(), inputs.size()};
  raw.labels = {labels.data(), labels.size()};
  raw.class_names = {"A", "B"};
  return from_samples(raw);
}

}  // namespace trainground

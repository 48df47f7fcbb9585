// Two-dimensional toy sets, point by point: moons and circles (scikit-learn's, moved and scaled into -1..1), xor, Gaussians, two
// spirals.
#include <cmath>
#include <numbers>

#include "dataset.h"
#include "random.h"

namespace trainground {
namespace {

using std::numbers::pi;

struct Point {
  double x = 0, y = 0;
};

// Where sample `index` of `samples` lies before the noise; samples are of the two classes in turn.
Point place(const std::string& shape, int index, int samples, int part, const RandomBlock& block) {
  const int label = index % 2, turn = index / 2;
  const double sign = 1 - 2 * label;
  // How far along its own curve a sample is: 0..1, evenly spaced in the first part, anywhere in another, which would else have
  // the same places.
  const double drawn = static_cast<double>(uniform(block[2])), each = std::ceil(samples / 2.0);
  const double along = part == 0 ? turn / std::max(1.0, each - 1) : drawn;
  if (shape == "moons") {
    // The outer half circle about (0,0) and the inner about (1,0.5), moved so that their middle is the origin.
    const double angle = pi * along;
    return {(sign * std::cos(angle) + label - 0.5) / 1.5, (sign * std::sin(angle) + 0.5 * label - 0.25) / 1.5};
  }
  if (shape == "circles") {
    const double angle = part == 0 ? 2 * pi * turn / each : 2 * pi * drawn, radius = 1 - 0.5 * label;
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }
  if (shape == "xor") {
    // A point anywhere in the square, mirrored in the vertical axis where that makes its quadrant that of its class.
    const double x = 2.0 * uniform(block[2]) - 1, y = 2.0 * uniform(block[3]) - 1, product = x * y;
    return {(product > 0) - (product < 0) == sign ? x : -x, y};
  }
  if (shape == "gaussians") return {0.5 * sign, 0.5 * sign};
  const double angle = 3.5 * pi * along + pi * label;
  return {along * std::sin(angle), along * std::cos(angle)};
}

}  // namespace

Dataset make_points(const std::string& shape, int samples, double noise, std::uint64_t seed, int part) {
  const double spread = shape == "gaussians" ? noise + 0.1 : noise;
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < samples; ++i) {
    const RandomBlock block =
        random_block(seed, Stream::points, static_cast<std::uint32_t>(part), static_cast<std::uint32_t>(i), 0);
    const std::array<float, 2> normal = normal_pair(block[0], block[1]);
    const Point point = place(shape, i, samples, part, block);
    inputs.push_back(static_cast<float>(point.x + spread * normal[0]));
    inputs.push_back(static_cast<float>(point.y + spread * normal[1]));
    labels.push_back(i % 2);
  }

  RawSamples raw;
  raw.samples = samples;
  raw.shape = {1, 1, 2};
  raw.floats = inputs;
  raw.labels = labels;
  raw.class_names = {"A", "B"};
  return from_samples(raw).dataset;
}

}  // namespace trainground

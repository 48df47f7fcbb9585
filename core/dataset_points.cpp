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
Point place(const std::string& shape, int index, int samples, const RandomBlock& block) {
  const int label = index % 2, turn = index / 2;
  const double sign = 1 - 2 * label;
  // How far along its own curve a sample is: 0..1, evenly spaced.
  const double along = turn / std::max(1.0, std::ceil(samples / 2.0) - 1);
  if (shape == "moons") {
    // The outer half circle about (0,0) and the inner about (1,0.5), moved so that their middle is the origin.
    const double angle = pi * along;
    return {(sign * std::cos(angle) + label - 0.5) / 1.5, (sign * std::sin(angle) + 0.5 * label - 0.25) / 1.5};
  }
  if (shape == "circles") {
    const double angle = 2 * pi * turn / std::ceil(samples / 2.0), radius = 1 - 0.5 * label;
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

  const double spread = shape == "gaussians" ? noise + 0.1 : noise;
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < samples; ++i) {
    const RandomBlock block = random_block(seed, Stream::points, 0, static_cast<std::uint32_t>(i), 0);
    const std::array<float, 2> normal = normal_pair(block[0], block[1]);
    const Point point = place(shape, i, samples, block);
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
  return from_samples(raw);
}

}  // namespace trainground

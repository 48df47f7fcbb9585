#include "initialization.h"

#include <algorithm>
#include <cmath>

#include "../random.h"

namespace trainground {
namespace {

bool is_normal(Initializer initializer) {
  return initializer == Initializer::glorotNormal || initializer == Initializer::heNormal ||
         initializer == Initializer::lecunNormal;
}

double deviation(Initializer initializer, double fan_in, double fan_out) {
  switch (initializer) {
    case Initializer::glorotUniform:
    case Initializer::glorotNormal:
      return std::sqrt(2 / (fan_in + fan_out));
    case Initializer::heUniform:
    case Initializer::heNormal:
      return std::sqrt(2 / fan_in);
    case Initializer::lecunNormal:
      return std::sqrt(1 / fan_in);
    case Initializer::smallUniform:
      return 0.05 / std::sqrt(3.0);
    case Initializer::zeros:
      break;
  }
  return 0;
}

}  // namespace

void initialize(Parameter& parameter, Initializer initializer, std::uint64_t seed, std::uint32_t number) {
  const std::size_t count = parameter.count();
  if (!parameter.kernel || initializer == Initializer::zeros) {
    const bool one = !parameter.kernel && (parameter.name.ends_with("weight") || parameter.name.ends_with("running_var"));
    std::fill_n(parameter.value, count, static_cast<real>(one));
    return;
  }
  const double stddev = deviation(initializer, parameter.fan_in, parameter.fan_out);
  const float scale = static_cast<float>(is_normal(initializer) ? stddev : std::sqrt(3.0) * stddev);
  for (std::size_t i = 0; i < count; i += 4) {
    const RandomBlock block = random_block(seed, Stream::initialization, number, 0, static_cast<std::uint32_t>(i / 4));
    float values[4];
    for (int j = 0; j < 4; j += 2) {
      if (is_normal(initializer)) {
        const std::array<float, 2> pair = normal_pair(block[j], block[j + 1]);
        values[j] = pair[0] * scale, values[j + 1] = pair[1] * scale;
      } else {
        for (int lane = j; lane < j + 2; ++lane) values[lane] = (2 * uniform(block[lane]) - 1) * scale;
      }
    }
    for (std::size_t j = 0; j < std::min<std::size_t>(4, count - i); ++j) parameter.value[i + j] = values[j];
  }
}

}  // namespace trainground

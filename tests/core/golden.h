// Golden values: JSON files that a script in tests/reference wrote, PyTorch's own numbers.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "json_text.h"
#include "tensor.h"

namespace trainground {

// Tests run in the repository's root.
inline Json golden(const std::string& name) {
  std::ifstream file("tests/reference/" + name);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Json json = trusted_json(text);
  EXPECT_TRUE(!json.empty()) << "tests/reference/" << name << " is not there or is broken";
  return json;
}

// An experiment of one layer and what `key` holds.
inline std::string experiment_with(const char* key, const Json& value) {
  return text(JsonObject().add("layers", Json::list(Json(JsonObject().add("type", "flatten")))).add(key, value));
}

template <class T = real>
std::vector<T> numbers(const Json& list) {
  std::vector<T> values;
  for (const Json& value : list) values.push_back(static_cast<T>(value.get<double>()));
  return values;
}

// What rounding may cost: of float32 a few units in the last place, of float64 next to nothing.
constexpr double kTolerance = sizeof(real) == 4 ? 1e-6 : 1e-12;

// Each number within the tolerance of the largest of all.
inline void expect_close(const std::vector<real>& got, const std::vector<double>& expected, double tolerance = kTolerance) {
  ASSERT_EQ(got.size(), expected.size());
  double largest = 0;
  for (double value : expected) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], tolerance * std::max(largest, 1e-30)) << "at " << i;
  }
}

}  // namespace trainground

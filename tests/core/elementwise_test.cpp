#include "kernels/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace trainground::elementwise_test {

using Function = Vec (*)(Vec);

// The largest error against the library in double: relative where it says so, else absolute.
double worst(Function ours, double (*exact)(double), double from, double to, bool relative) {
  double worst = 0;
  const int points = 200001;
  for (int i = 0; i < points; ++i) {
    const real x = static_cast<real>(from + (to - from) * i / (points - 1));
    const double y = ours(splat(x))[0], expected = exact(x);
    worst = std::max(worst, std::fabs(y - expected) / (relative ? std::max(std::fabs(expected), 1e-30) : 1.0));
  }
  return worst;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

TEST(Elementwise, FollowsTheLibrary) {
  EXPECT_LT(worst(exp, std::exp, -69, 88, true), 1.5e-7);
  EXPECT_LT(worst(log, std::log, 1e-3, 0.9, true), 2e-7);
  EXPECT_LT(worst(log, std::log, 1.1, 1e4, true), 2e-7);
  EXPECT_LT(worst(log, std::log, 0.9, 1.1, false), 2e-8);
  EXPECT_LT(worst(tanh, std::tanh, -12, 12, true), 3e-7);
  EXPECT_LT(worst(tanh, std::tanh, -0.5, 0.5, true), 3e-7);
  EXPECT_LT(worst(sigmoid, logistic, -69, 80, true), 3e-7);
  EXPECT_LT(worst(erf, std::erf, -6, 6, false), 4e-7);
}

TEST(Elementwise, KeepsWhatIsNotANumber) {
  const real nan = std::numeric_limits<real>::quiet_NaN(), infinity = std::numeric_limits<real>::infinity();
  for (Function f : {Function{exp}, Function{log}, Function{tanh}, Function{sigmoid}, Function{erf}})
    EXPECT_TRUE(std::isnan(f(splat(nan))[1]));
  EXPECT_TRUE(std::isnan(clamp(splat(nan), splat(0), splat(6))[0]));
  EXPECT_TRUE(std::isnan(log(splat(-1))[0]));
  EXPECT_EQ(log(splat(0))[0], -infinity);
  EXPECT_EQ(log(splat(infinity))[0], infinity);
  EXPECT_EQ(tanh(splat(infinity))[0], 1);
  EXPECT_EQ(tanh(splat(-100))[0], -1);
  EXPECT_EQ(exp(splat(0))[0], 1);
}

// Products with numbers that are not normal take some processors a hundred times as long.
TEST(Elementwise, GivesNothingTooSmallForANormalProduct) {
  for (real x = -200; x < 0 && sizeof(real) == 4; x += real{0.125}) {
    for (real y : {exp(x), sigmoid(x)}) {
      ASSERT_TRUE(y == 0 || y >= real{1e-30}) << x;
      ASSERT_EQ(y == 0, x < -69) << x;
    }
  }
  const real nan = std::numeric_limits<real>::quiet_NaN();
  const Vec kept = without_tiny(Vec{real{-1e-29}, real{-1e-31}, nan, real{1}});
  EXPECT_EQ(kept[0], real{-1e-29});
  EXPECT_EQ(kept[1], 0);
  EXPECT_TRUE(std::isnan(kept[2]));
  EXPECT_EQ(kept[3], 1);
}

TEST(Elementwise, FindsWhatIsNotFinite) {
  const real limit = std::numeric_limits<real>::max(), infinity = std::numeric_limits<real>::infinity();
  std::vector<real> x(37, limit);
  EXPECT_TRUE(all_finite(37, x.data()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (real broken : {infinity, -infinity, static_cast<real>(NAN)}) {
      x[i] = broken;
      EXPECT_FALSE(all_finite(37, x.data())) << i;
      EXPECT_TRUE(all_finite(static_cast<std::ptrdiff_t>(i), x.data())) << i;
    }
    x[i] = -limit;
  }
}

TEST(Elementwise, LanesAndTailsAgree) {
  volatile real step = real{0.7};  // or the compiler computes the library's tanh itself, and better
  real x[11], whole[11], parts[11];
  for (int i = 0; i < 11; ++i) x[i] = static_cast<real>(i) * step - 3;
  map(11, x, whole, [](Vec v) { return tanh(v); });
  for (int i = 0; i < 11; ++i) map(1, x + i, parts + i, [](Vec v) { return tanh(v); });
  for (int i = 0; i < 11; ++i) EXPECT_EQ(whole[i], parts[i]);
  Vec a{0, 1, 2, 3}, b{4, 5, 6, 7}, c{8, 9, 10, 11}, d{12, 13, 14, 15};
  transpose(a, b, c, d);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(a[i], 4 * i);
    EXPECT_EQ(d[i], 4 * i + 3);
  }
}

}  // namespace trainground::elementwise_test

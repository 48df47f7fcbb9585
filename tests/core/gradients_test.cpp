#include "gradients.h"

#include "golden.h"
#include "parallel.h"

namespace trainground::gradients_test {

TEST(Gradients, PenaltiesNormAndClippingArePyTorchs) {
  for (const Json& one : golden("gradients.json")) {
    std::vector<std::vector<real>> weights, gradients;
    std::vector<Parameter> parameters(3);
    std::vector<Parameter*> pointers;
    for (std::size_t i = 0; i < 3; ++i) {
      weights.push_back(numbers(one["weights"][i]));
      gradients.push_back(numbers(one["start"][i]));
    }
    for (std::size_t i = 0; i < 3; ++i) {
      parameters[i].shape = {static_cast<int>(weights[i].size())};
      parameters[i].kernel = i != 1;
      parameters[i].l1 = one["l1"].get<double>();
      parameters[i].l2 = one["l2"].get<double>();
      parameters[i].value = weights[i].data();
      parameters[i].gradient = gradients[i].data();
      pointers.push_back(&parameters[i]);
    }
    const double expected = one["penalty"].get<double>();
    EXPECT_NEAR(penalty(pointers), expected, kTolerance * expected);
    EXPECT_EQ(add_penalties(pointers), penalty(pointers));

    std::vector<real> arena;
    std::vector<IndexRange> ranges;
    for (const std::vector<real>& part : gradients) {
      ranges.push_back({arena.size(), arena.size() + part.size()});
      arena.insert(arena.end(), part.begin(), part.end());
    }
    const double norm = gradient_norm(arena.data(), ranges);
    EXPECT_NEAR(norm, one["norm"].get<double>(), kTolerance * norm);
    if (const double most = one["clipNorm"].get<double>(); most > 0) clip_gradients(arena.data(), ranges, norm, most);
    std::vector<double> clipped;
    for (const Json& part : one["gradients"]) {
      const std::vector<double> values = numbers<double>(part);
      clipped.insert(clipped.end(), values.begin(), values.end());
    }
    expect_close(arena, clipped);
  }
}

TEST(Gradients, FrozenKernelsAreNotPenalised) {
  std::vector<real> w = {2}, dw = {0};
  Parameter parameter;
  parameter.shape = {1};
  parameter.kernel = true;
  parameter.l2 = 1;
  parameter.value = w.data();
  parameter.gradient = dw.data();
  Parameter* pointers[] = {&parameter};
  EXPECT_EQ(penalty(pointers), 4);
  parameter.trainable = false;
  EXPECT_EQ(add_penalties(pointers), 0);
  EXPECT_EQ(dw[0], 0);
}

TEST(Gradients, SumsAreTheSameForAnyNumberOfThreadsAndShowWhatIsNotFinite) {
  std::vector<real> g(200001);
  for (std::size_t i = 0; i < g.size(); ++i) g[i] = static_cast<real>(std::sin(static_cast<double>(i)));
  const IndexRange ranges[] = {{0, 1}, {1, g.size()}};
  const double one = gradient_norm(g.data(), ranges);
  set_threads(3);
  EXPECT_EQ(gradient_norm(g.data(), ranges), one);
  set_threads(1);
  double plain = 0;
  for (real value : g) plain += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(one, std::sqrt(plain), 1e-9);
  for (double broken : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    g[150000] = static_cast<real>(broken);
    EXPECT_FALSE(std::isfinite(gradient_norm(g.data(), ranges)));
  }
}

}  // namespace trainground::gradients_test

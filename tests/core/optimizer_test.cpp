#include "optimizer.h"

#include "experiment_file.h"
#include "golden.h"
#include "parallel.h"

namespace trainground::optimizer_test {

OptimizerOptions options_from(const Json& optimizer) {
  const ParsedExperiment parsed = parse_experiment(experiment_with("optimizer", optimizer));
  EXPECT_TRUE(parsed.problems.empty()) << text(optimizer);
  return parsed.experiment.optimizer;
}

TEST(Optimizer, TwentyStepsArePyTorchs) {
  for (const Json& one : golden("optimizers.json")) {
    SCOPED_TRACE(text(one["optimizer"]));
    const OptimizerOptions options = options_from(one["optimizer"]);
    std::vector<real> w = numbers(one["start"]);
    const std::vector<real> gradients = numbers(one["gradients"]);
    const std::size_t count = w.size();
    // Two tensors side by side: a step counter that advances per tensor would correct Adam's bias wrongly.
    const std::vector<IndexRange> ranges = {{0, 2}, {2, count}};
    Optimizer optimizer(options, count);
    std::size_t kept = 0;
    for (int t = 1; t <= 20; ++t) {
      optimizer.step(w.data(), gradients.data() + static_cast<std::size_t>(t - 1) * count, ranges, options.learning_rate);
      if (t == one["steps"][kept].get<int>()) {
        expect_close(w, numbers<double>(one[sizeof(real) == 4 ? "float32" : "float64"][kept]));
        ++kept;
      }
    }
    EXPECT_EQ(kept, one["steps"].size());
    EXPECT_EQ(optimizer.steps(), 20u);
  }
}

TEST(Optimizer, FrozenNumbersKeepTheirBitsAndStateResumes) {
  for (const Json& one : golden("optimizers.json")) {
    const OptimizerOptions options = options_from(one["optimizer"]);
    const std::vector<real> start = numbers(one["start"]), gradients = numbers(one["gradients"]);
    const std::size_t count = start.size();
    const std::vector<IndexRange> ranges = {{0, 1}, {3, count}};
    const auto step = [&](Optimizer& optimizer, std::vector<real>& w, int t) {
      optimizer.step(w.data(), gradients.data() + static_cast<std::size_t>(t) * count, ranges, options.learning_rate);
    };
    std::vector<real> whole = start;
    Optimizer uninterrupted(options, count);
    for (int t = 0; t < 10; ++t) step(uninterrupted, whole, t);
    EXPECT_EQ(whole[1], start[1]);
    EXPECT_EQ(whole[2], start[2]);
    EXPECT_NE(whole[0], start[0]);

    std::vector<real> parts = start;
    Optimizer first(options, count), second(options, count);
    for (int t = 0; t < 4; ++t) step(first, parts, t);
    second.set_steps(first.steps());
    for (std::size_t i = 0; i < first.state().size(); ++i) *second.state()[i].values = *first.state()[i].values;
    for (int t = 4; t < 10; ++t) step(second, parts, t);
    EXPECT_EQ(parts, whole) << text(one["optimizer"]);
  }
}

TEST(Optimizer, AnyNumberOfThreadsGivesTheSameBits) {
  const std::size_t count = 100003;
  std::vector<real> gradients(count);
  for (std::size_t i = 0; i < count; ++i) gradients[i] = static_cast<real>(std::sin(static_cast<double>(i)));
  const std::vector<IndexRange> ranges = {{1, 50000}, {60001, count}};
  std::vector<real> results[2];
  for (int threads : {1, 3}) {
    set_threads(threads);
    std::vector<real> w(count, real{0.5});
    Optimizer optimizer(options_from("adam"), count);
    for (int t = 0; t < 3; ++t) optimizer.step(w.data(), gradients.data(), ranges, 0.01);
    results[threads == 3] = w;
  }
  set_threads(1);
  EXPECT_EQ(results[0], results[1]);
  for (std::size_t i = 0; i < count; ++i) {
    const bool trained = (i >= 1 && i < 50000) || i >= 60001;
    ASSERT_EQ(results[0][i] != real{0.5}, trained) << i;
  }
}

// A unit that no sample reaches any more: its averages end at 0, not among numbers that make every further step slow. What is no
// number stays.
TEST(Optimizer, AveragesOfWhatLearnsNoMoreEndAtZero) {
  for (const char* type : {"momentum", "rmsprop", "adam", "adamw", "adadelta"}) {
    SCOPED_TRACE(type);
    OptimizerOptions options = options_from(JsonObject().add("type", type));
    options.rho = options.beta2 = 0.9;
    const std::size_t count = 11;
    const std::vector<IndexRange> ranges = {{0, 7}, {8, count}};  // the eighth is frozen
    Optimizer optimizer(options, count);
    for (const Optimizer::State& state : optimizer.state()) (*state.values)[7] = real{1e-33};
    std::vector<real> w(count, 1), gradients(count, real{-1e-3});
    for (int t = 1; t <= 1600; ++t) {
      optimizer.step(w.data(), gradients.data(), ranges, 1e-3);
      std::fill(gradients.begin(), gradients.end(), real{0});
      for (const Optimizer::State& state : optimizer.state()) {
        for (std::size_t i = 0; i < count; ++i) {
          const real size = std::fabs((*state.values)[i]);
          ASSERT_TRUE(t < 300 ? size > 0 : size == 0 || size > 1e-32 || i == 7) << state.name << ' ' << t;
          ASSERT_TRUE(t < 1600 || i == 7 || size == 0) << state.name;
        }
      }
    }
    for (const Optimizer::State& state : optimizer.state()) {
      EXPECT_EQ((*state.values)[7], real{1e-33});
      (*state.values)[3] = static_cast<real>(NAN);
    }
    for (int t = 0; t < 16; ++t) optimizer.step(w.data(), gradients.data(), ranges, 1e-3);
    for (const Optimizer::State& state : optimizer.state()) EXPECT_TRUE(std::isnan((*state.values)[3]));
  }
}

}  // namespace trainground::optimizer_test

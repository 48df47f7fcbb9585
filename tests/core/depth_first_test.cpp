#include "depth_first.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "experiment_file.h"
#include "network.h"

namespace trainground::depth_first_test {

constexpr int kLarge = 20000;  // numbers of a sample, of which few go together

struct Visit {
  int loop, slice, begin, end;
};

TEST(DepthFirst, ALoopRunsAtOnceOutside) {
  int done = 0;
  int* const count = &done;
  for_samples(5, 1, [=](const Samples& part) { *count += part.end - part.begin; });
  EXPECT_EQ(done, 5);
  after_loops([=] { *count = -1; });
  EXPECT_EQ(done, -1);
  EXPECT_FALSE(loops_wait());
}

TEST(DepthFirst, FewSamplesGoThroughAllLoopsBeforeTheNextOnesBegin) {
  std::vector<Visit> visits;
  std::vector<Visit>* const to = &visits;
  {
    const DepthFirst together;
    const DepthFirst nested;
    for (int loop = 0; loop < 2; ++loop) {
      for_samples(70, kLarge, [=](const Samples& part) { to->push_back({loop, part.slice, part.begin, part.end}); });
    }
    after_loops([=] { to->push_back({9, -1, 0, 0}); });
    EXPECT_TRUE(visits.empty());
    EXPECT_TRUE(loops_wait());
  }
  ASSERT_EQ(visits.back().loop, 9) << "endings come last";
  visits.pop_back();
  int next = 0;
  for (std::size_t i = 0; i < visits.size(); i += 2) {
    EXPECT_EQ(visits[i].loop, 0);
    EXPECT_EQ(visits[i + 1].loop, 1);
    EXPECT_EQ(visits[i].begin, next);
    EXPECT_EQ(visits[i + 1].begin, next);
    EXPECT_EQ(visits[i + 1].end, visits[i].end);
    EXPECT_LE(visits[i].end - visits[i].begin, 4);
    next = visits[i].end;
  }
  EXPECT_EQ(next, 70);
}

TEST(DepthFirst, EachSampleOnceWithAFirstPartOfEachSliceForAnyNumberOfThreads) {
  for (int count : {1, 2, 3}) {
    set_threads(count);
    for (int samples : {1, 7, 8, 33, 100}) {
      std::array<std::atomic<int>, 100> done{};
      std::array<std::atomic<int>, kSlices> firsts{};
      auto *const d = done.data(), *const f = firsts.data();
      {
        const DepthFirst together;
        for (int loop = 0; loop < 3; ++loop) {
          for_samples(samples, kLarge, [=](const Samples& part) {
            f[part.slice] += part.first;
            for (int i = part.begin; i < part.end; ++i) ++d[i];
          });
        }
      }
      for (int i = 0; i < 100; ++i) ASSERT_EQ(done[static_cast<std::size_t>(i)], i < samples ? 3 : 0);
      for (int slice = 0; slice < kSlices; ++slice)
        ASSERT_EQ(firsts[static_cast<std::size_t>(slice)], slice < slices_of(samples) ? 3 : 0);
    }
  }
  set_threads(1);
}

// Fewer samples than slices: their items are shared out, in slices that no tile of four crosses.
TEST(DepthFirst, ItemsOfFewSamplesComeOnceInSlicesOfWholeTiles) {
  set_threads(2);
  for (const int samples : {1, 3}) {
    for (const int fewest : {1, 4}) {
      for (const int rows : {1, 2, 7, 14}) {
        const int width = 7, items = samples * rows * width;
        std::vector<std::atomic<int>> seen(items);
        std::atomic<int> wrong{0};
        for_rows(samples, {rows}, width, fewest, 1, [&](int, Range range, bool) {
          if (range.begin % fewest != 0 || range.end - range.begin < fewest) ++wrong;
          if (range.end != items && range.end % fewest != 0) ++wrong;
          for (int i = range.begin; i < range.end; ++i) ++seen[i];
        });
        EXPECT_EQ(wrong, 0) << samples << " samples of " << rows << " rows, " << fewest << " at least";
        for (const std::atomic<int>& times : seen) EXPECT_EQ(times, 1);
      }
    }
  }
  set_threads(1);
}

TEST(DepthFirst, AnotherBatchAndTooManyLoopsWaitForTheirPredecessors) {
  int done = 0;
  int* const count = &done;
  {
    const DepthFirst together;
    for_samples(8, 1, [=](const Samples&) { ++*count; });
    for_samples(9, 1, [=](const Samples&) { *count += 100; });
    EXPECT_EQ(done, 8);
  }
  EXPECT_EQ(done, 808);
  {
    const DepthFirst together;
    for (int loop = 0; loop < 1000; ++loop) for_samples(1, 1, [=](const Samples&) { ++*count; });
    for (int loop = 0; loop < 1000; ++loop) after_loops([=] { ++*count; });
  }
  EXPECT_EQ(done, 2808);
}

TEST(DepthFirst, ScratchMemoryStaysWithLoopsThatWait) {
  Workspace workspace;
  real* const all = workspace.take(64);
  int done = 0;
  int* const count = &done;
  const DepthFirst together;
  EXPECT_EQ(workspace.take(32), all);
  for_samples(1, 1, [=](const Samples&) { ++*count; });
  EXPECT_EQ(workspace.take(20), all + 32);
  EXPECT_EQ(done, 0);
  EXPECT_EQ(workspace.take(32), all) << "there was room for so many after what waited only";
  EXPECT_EQ(done, 1);
}

struct Passes {
  Passes(const std::string& layers, Shape input) {
    const ParsedExperiment parsed = parse_experiment(R"({"layers": [)" + layers + R"(, {"type": "globalAveragePool2d"},
      {"type": "dense", "units": 3}]})");
    EXPECT_TRUE(parsed.problems.empty());
    network = std::make_unique<Network>(input, parsed.experiment);
  }

  // Forward and backward over these samples of an endless batch; the network then holds their gradients.
  void run(const std::vector<int>& samples, bool looked = false) {
    network->prepare(static_cast<int>(samples.size()));
    const auto fill = [&](Buffer<real>& values, int size, int factor, int modulus) {
      values.clear();
      for (int sample : samples)
        for (int i = 0; i < size; ++i) values.push_back(static_cast<real>((sample * size + i) * factor % modulus) / 50 - 1);
    };
    fill(x, network->input_shape().size(), 7, 101);
    fill(dlogits, 3, 5, 97);
    dx.assign(x.size(), 0);
    std::vector<Buffer<real>> steps(static_cast<std::size_t>(network->layers().steps()));
    Pass pass;
    pass.samples = static_cast<int>(samples.size());
    pass.training = true;
    pass.outputs = looked ? Outputs::all : Outputs::needed;
    network->forward(pass, x.data());
    if (looked) pass.gradients = &steps;
    network->backward(pass, x.data(), dlogits.data(), dx.data());
  }
  std::vector<double> gradients() const { return {network->gradients().begin(), network->gradients().end()}; }

  std::unique_ptr<Network> network;
  Buffer<real> x, dlogits, dx;
};

std::vector<int> samples(int begin, int end) {
  std::vector<int> numbers(static_cast<std::size_t>(end - begin));
  std::iota(numbers.begin(), numbers.end(), begin);
  return numbers;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  double largest = 0;
  for (double value : a) largest = std::max(largest, std::abs(value));
  EXPECT_GT(largest, 0.01);
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 2e-5 * largest) << i;
}

const char* const kManySizes = R"(
  {"type": "conv2d", "filters": 8, "kernelSize": 1, "activation": "gelu"}, {"type": "depthwiseConv2d", "kernelSize": 3},
  {"type": "conv2d", "filters": 12, "kernelSize": 1, "activation": "relu"}, {"type": "maxPool2d"},
  {"type": "conv2d", "filters": 16, "kernelSize": 3, "padding": "same"},
  {"type": "residual", "layers": [{"type": "conv2d", "filters": 12, "kernelSize": 3, "padding": "same", "strides": 2}]},
  {"type": "conv2d", "filters": 8, "kernelSize": 1}, {"type": "conv2d", "filters": 8, "kernelSize": 1},
  {"type": "conv2d", "filters": 8, "kernelSize": 1}, {"type": "conv2d", "filters": 8, "kernelSize": 1},
  {"type": "conv2d", "filters": 8, "kernelSize": 1, "strides": 2}, {"type": "averagePool2d"}, {"type": "dropout", "rate": 0})";

// Small batches go other ways than large ones, so what they add up to can be held against those.
TEST(DepthFirst, GradientsOfABatchAreTheSumsOfItsParts) {
  Passes whole(kManySizes, {48, 48, 3}), part(kManySizes, {48, 48, 3});
  whole.run(samples(0, 64));
  const std::size_t of_one = static_cast<std::size_t>(whole.network->input_shape().size());
  std::vector<double> total(whole.gradients().size());
  for (int first = 0; first < 64; first += 4) {
    part.run(samples(first, first + 4));
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += part.gradients()[i];
    expect_near({part.dx.begin(), part.dx.end()}, {whole.dx.begin() + static_cast<long>(first * of_one),
                                                   whole.dx.begin() + static_cast<long>((first + 4) * of_one)});
  }
  expect_near(whole.gradients(), total);
}

TEST(DepthFirst, TheOrderOfSamplesDoesNotMatter) {
  Passes passes(R"({"type": "depthwiseConv2d", "kernelSize": 3}, {"type": "batchNormalization"},
    {"type": "activation", "function": "relu6"}, {"type": "conv2d", "filters": 8, "kernelSize": 1}, {"type": "batchNormalization"})",
                {70, 70, 4});
  std::vector<int> order = samples(0, 64);
  passes.run(order);
  const std::vector<double> gradients = passes.gradients();
  std::reverse(order.begin(), order.end());
  passes.run(order);
  expect_near(gradients, passes.gradients());
}

// Where somebody looks at the steps' gradients each step is finished before the next: nothing may depend on that, nor on threads.
TEST(DepthFirst, GradientsDoNotDependOnWhichLoopsWait) {
  const std::string layers = std::string(kManySizes) + R"(, {"type": "residual", "layers": [
    {"type": "conv2d", "filters": 8, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
    {"type": "activation", "function": "tanh"}]})";
  for (int count : {3, 13, 32}) {
    Passes passes(layers, {18, 18, 3});
    passes.run(samples(0, count), true);
    const std::vector<double> gradients = passes.gradients();
    const Buffer<real> dx = passes.dx;
    set_threads(3);
    passes.run(samples(0, count));
    set_threads(1);
    expect_near(gradients, passes.gradients());
    expect_near({dx.begin(), dx.end()}, {passes.dx.begin(), passes.dx.end()});
  }
}

// A sample fills the cache, so its rows go through the layers a few at a time, where nobody looks at the steps' gradients.
const char* const kByRows = R"(
  {"type": "conv2d", "filters": 8, "kernelSize": 3, "strides": 2, "padding": "same"}, {"type": "batchNormalization"},
  {"type": "conv2d", "filters": 24, "kernelSize": 1}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu6"},
  {"type": "depthwiseConv2d", "kernelSize": 3, "padding": "same", "useBias": false}, {"type": "depthwiseConv2d", "kernelSize": 5, "padding": "same"},
  {"type": "depthwiseConv2d", "kernelSize": 3, "padding": "same", "useBias": false}, {"type": "batchNormalization"},
  {"type": "depthwiseConv2d", "kernelSize": 5, "strides": 2, "padding": "same", "useBias": false}, {"type": "batchNormalization"},
  {"type": "conv2d", "filters": 16, "kernelSize": 1}, {"type": "batchNormalization"},
  {"type": "residual", "layers": [{"type": "conv2d", "filters": 96, "kernelSize": 1}, {"type": "batchNormalization"},
    {"type": "activation", "function": "relu6"}, {"type": "depthwiseConv2d", "kernelSize": 3, "padding": "same", "useBias": false},
    {"type": "batchNormalization"}, {"type": "conv2d", "filters": 16, "kernelSize": 1}, {"type": "batchNormalization"}]},
  {"type": "conv2d", "filters": 72, "kernelSize": 1, "activation": "relu"}, {"type": "depthwiseConv2d", "kernelSize": 3, "strides": 2},
  {"type": "depthwiseConv2d", "kernelSize": 3}, {"type": "conv2d", "filters": 64, "kernelSize": 3})";

TEST(DepthFirst, RowsInTurnGiveTheBitsOfWholeSteps) {
  Passes passes(kByRows, {123, 118, 3});
  for (int count : {3, 13}) {
    passes.run(samples(0, count), true);
    const std::vector<double> gradients = passes.gradients();
    const Buffer<real> dx = passes.dx;
    for (int used : {1, 3}) {
      set_threads(used);
      passes.run(samples(50, 50 + count));  // so that no array holds the right numbers already
      passes.run(samples(0, count));
      EXPECT_EQ(passes.gradients(), gradients) << count << " samples, " << used << " threads";
      EXPECT_EQ(passes.dx, dx) << count << " samples, " << used << " threads";
    }
    set_threads(1);
  }
}

// The second has all outputs, the first only those that cannot be made again.
TEST(DepthFirst, OutputsOfBatchNormsAreMadeWhileTheyAreReadOrMadeAgainWhereTheyAreLarge) {
  // Norms behind which a convolution reads pixels (with a clamp, without, of small arrays); a large one behind which none does,
  // and two behind which a pool's backward pass does not look at them.
  const std::pair<std::string, std::vector<int>> cases[] = {
      {kByRows, {3, 7, 9}},
      {R"({"type": "conv2d", "filters": 8, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu"},
          {"type": "conv2d", "filters": 8, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "maxPool2d"},
          {"type": "conv2d", "filters": 4, "kernelSize": 3}, {"type": "batchNormalization"})",
       {1, 3, 6}},
  };
  for (const auto& [layers, norms] : cases) {
    Passes again(layers, {124, 120, 3}), kept(layers, {124, 120, 3});
    again.run(samples(0, 13));
    kept.run(samples(0, 13), true);
    for (const int norm : norms) {
      EXPECT_NE(again.network->layers().step_output(norm - 1), nullptr) << norm;
      EXPECT_EQ(again.network->layers().step_output(norm), nullptr) << norm;
      EXPECT_NE(kept.network->layers().step_output(norm), nullptr) << norm;
    }
    EXPECT_EQ(again.gradients(), kept.gradients());
    EXPECT_EQ(again.dx, kept.dx);
  }
}

TEST(DepthFirst, NeitherASmallerBatchNorAnAnswerTakesAnArrayForWhatIsNotKept) {
  Passes again(kByRows, {123, 118, 3});
  again.run(samples(0, 13));
  EXPECT_NE(again.network->layers().step_output(11), nullptr) << "a small one, before a block: that is kept";
  again.run(samples(0, 3));

  const auto answer = [&](Outputs outputs) {
    Pass pass;
    pass.samples = 3;
    pass.outputs = outputs;
    const real* const y = again.network->forward(pass, again.x.data());
    return std::vector<real>(y, y + 9);
  };
  EXPECT_EQ(answer(Outputs::needed), answer(Outputs::last));
  EXPECT_EQ(again.network->layers().step_output(3), nullptr);
}

TEST(DepthFirst, RowsInTurnGiveTheAnswersOfWholeSteps) {
  Passes passes(kByRows, {123, 118, 3});
  for (int count : {1, 9}) {
    passes.run(samples(0, count));
    const int steps = passes.network->layers().steps();
    Pass pass;
    pass.samples = count;
    const auto answer = [&](bool whole) {
      std::fill(passes.x.begin(), passes.x.end(), real{0});
      passes.network->forward(pass, passes.x.data());
      for (std::size_t i = 0; i < passes.x.size(); ++i) passes.x[i] = static_cast<real>(i * 7 % 101) / 50 - 1;
      const real* y = passes.x.data();
      if (!whole) y = passes.network->forward(pass, y);
      for (int i = 0; whole && i < steps; ++i) y = passes.network->forward(pass, y, {i, i + 1});
      return std::vector<real>(y, y + count * 3);
    };
    const std::vector<real> whole = answer(true);
    EXPECT_EQ(answer(false), whole) << count;
    set_threads(3);
    EXPECT_EQ(answer(false), whole) << count << " on three threads";
    set_threads(1);
  }
}

}  // namespace trainground::depth_first_test

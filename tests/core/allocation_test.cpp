// A step takes no memory: what it needs was planned before the first one, in which the optimizer only lists its pieces.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "experiment_file.h"
#include "pictures.h"
#include "training.h"

namespace {
std::atomic<long> taken{0};

void* take(std::size_t bytes, std::size_t alignment) {
  ++taken;
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

// Not inline: g++ 16 would see memory of `new` given to `free`, and not see that this `new` takes it from there.
[[gnu::noinline]] void give_back(void* pointer) { std::free(pointer); }
}  // namespace

void* operator new(std::size_t bytes) { return take(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) { return take(bytes, static_cast<std::size_t>(alignment)); }
void operator delete(void* pointer) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::align_val_t) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept { give_back(pointer); }

namespace trainground {
namespace {

TEST(Allocation, AStepTakesNoMemory) {
  const ParsedExperiment parsed = parse_experiment(R"({"layers": [
    {"type": "conv2d", "filters": 8, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
    {"type": "activation", "function": "relu"}, {"type": "maxPool2d"},
    {"type": "residual", "layers": [{"type": "conv2d", "filters": 12, "kernelSize": 3, "padding": "same", "activation": "gelu"}]},
    {"type": "depthwiseConv2d", "kernelSize": 3}, {"type": "averagePool2d"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.2},
    {"type": "dense", "units": 9, "activation": "tanh"}, {"type": "dense", "units": 3}],
    "augmentation": [{"type": "flip", "horizontal": 0.5}, {"type": "rotation", "degrees": 10}, {"type": "noise", "stddev": 0.1}],
    "l2": 0.001, "optimizer": {"type": "adam", "clipNorm": 1}, "batchSize": 12, "epochs": 50})");
  ASSERT_TRUE(parsed.problems.empty());
  const Dataset data = pictures(100, 12, 3, 3);
  Training training(parsed.experiment, data, nullptr);
  const long planned = taken;
  training.advance();
  EXPECT_LE(taken - planned, 1);
  int steps = 0;
  while (training.history().size() < 3) {
    const long before = taken;
    if (training.advance() != Training::Unit::epoch) {
      ASSERT_EQ(taken, before) << "step " << training.last_step().step;
      ++steps;
    }
  }
  EXPECT_GT(steps, 14);
  EXPECT_GT(taken, 100) << "nothing is counted";
}

}  // namespace
}  // namespace trainground

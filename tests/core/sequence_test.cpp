#include "sequence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <string>

#include "experiment_file.h"
#include "network.h"
#include "random.h"

namespace trainground::sequence_test {

Buffer<real> numbers(std::size_t count, std::uint32_t which) {
  Buffer<real> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = 2 * uniform(random_block(4, Stream::points, which, 0, static_cast<std::uint32_t>(i))[0]) - 1;
  return values;
}

// Each row: layers, and whether the first one takes up the batch norm behind it.
struct Row {
  const char* layers;
  bool folds;
};

const Row kRows[] = {
    {R"({"type": "conv2d", "filters": 9, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
        {"type": "activation", "function": "relu6"}, {"type": "flatten"})",
     true},
    {R"({"type": "conv2d", "filters": 5, "kernelSize": 2, "strides": 2, "useBias": false}, {"type": "batchNormalization"},
        {"type": "activation", "function": "gelu"}, {"type": "flatten"})",
     true},
    {R"({"type": "depthwiseConv2d", "kernelSize": 3}, {"type": "batchNormalization", "epsilon": 0.1}, {"type": "flatten"})",
     true},
    {R"({"type": "flatten"}, {"type": "dense", "units": 11}, {"type": "batchNormalization"}, {"type": "activation",
        "function": "relu"})",
     true},
    {R"({"type": "conv2d", "filters": 3, "kernelSize": 3, "activation": "relu"}, {"type": "batchNormalization"},
        {"type": "flatten"})",
     false},
    {R"({"type": "conv2d", "filters": 3, "kernelSize": 3}, {"type": "flatten"}, {"type": "batchNormalization"})", false},
    {R"({"type": "conv2d", "filters": 3, "kernelSize": 3}, {"type": "maxPool2d"}, {"type": "batchNormalization"},
        {"type": "flatten"})",
     false},
    {R"({"type": "residual", "layers": [{"type": "conv2d", "filters": 8, "kernelSize": 3, "padding": "same"},
        {"type": "batchNormalization"}]}, {"type": "batchNormalization"}, {"type": "flatten"})",
     false},
};

TEST(Sequence, AnswersAreTheSameWithBatchNormsFolded) {
  for (int run = 0; run < 2 * static_cast<int>(std::size(kRows)); ++run) {
    const Row& row = kRows[run / 2];
    SCOPED_TRACE(row.layers);
    const ParsedExperiment parsed =
        parse_experiment(R"({"layers": [)" + std::string(row.layers) + R"(, {"type": "dense", "units": 4}]})");
    ASSERT_TRUE(parsed.problems.empty());
    const int samples = 9;
    Network network({7, 6, 8}, parsed.experiment, run % 2 ? Folding::off : Folding::on);
    network.prepare(samples);
    std::uint32_t which = 0;
    for (Parameter* parameter : network.parameters()) {
      const Buffer<real> values = numbers(parameter->count(), ++which);
      for (std::size_t i = 0; i < values.size(); ++i)
        parameter->value[i] = parameter->name.ends_with("running_var") ? real{0.1} + std::abs(values[i]) : values[i];
    }
    const Buffer<real> first = numbers(static_cast<std::size_t>(samples) * 7 * 6 * 8, 100), second = numbers(first.size(), 101);
    Pass pass;
    pass.samples = samples;
    network.forward(pass, first.data());
    const std::size_t seen = static_cast<std::size_t>(samples) * static_cast<std::size_t>(network.layers().shape_of(0).size());
    const real* const output = network.layers().step_output(0);
    const Buffer<real> old(output, output + seen);

    pass.outputs = Outputs::needed;
    const real* logits = network.forward(pass, second.data());
    const Buffer<real> folded(logits, logits + 4 * samples);
    EXPECT_EQ(Buffer<real>(output, output + seen) == old, row.folds) << "whether the layer still puts out its own sums";

    pass.outputs = Outputs::all;
    logits = network.forward(pass, second.data());
    double largest = 0;
    for (int i = 0; i < 4 * samples; ++i) largest = std::max(largest, static_cast<double>(std::abs(logits[i])));
    EXPECT_GT(largest, 0.1);
    for (int i = 0; i < 4 * samples; ++i)
      ASSERT_NEAR(folded[static_cast<std::size_t>(i)], logits[i], largest * (sizeof(real) == 4 ? 2e-6 : 1e-14)) << i;
  }
}

}  // namespace trainground::sequence_test

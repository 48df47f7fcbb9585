// Padded windows against PyTorch (tests/reference/padding.py): each form of the option, kernels 1 to 7, strides 1 to 3, odd and
// even sides, forward and both gradients, through the layers and so through every kernel that they choose.
#include "experiment_file.h"
#include "golden.h"
#include "layer_cases.h"
#include "network.h"

namespace trainground::padding_test {

// `number` of padding.py.
real number(std::uint32_t place, std::uint32_t which) {
  std::uint32_t word = place * 2654435761u + which * 2246822519u + 374761393u;
  word = (word ^ (word >> 15)) * 2246822519u;
  word = (word ^ (word >> 13)) * 3266489917u;
  return static_cast<real>((word >> 8) / 8388608.0 - 1);
}

void fill_with_numbers(Buffer<real>& values, std::uint32_t which) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = number(static_cast<std::uint32_t>(i), which);
}

double sum(const Buffer<real>& values, std::uint32_t which) {
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    total += static_cast<double>(values[i]) * number(static_cast<std::uint32_t>(i), which);
  }
  return total;
}

// The layer of a row, as an experiment file would have it.
LayerOptions layer_of(const Json& row) {
  const std::string type = row[0].text();
  Json layer = JsonObject().add("type", type).add("strides", row[6]).add("padding", row[7]);
  const bool pools = type == "maxPool2d" || type == "averagePool2d";
  layer[pools ? "poolSize" : "kernelSize"] = row[5];
  if (!pools) layer["useBias"] = false;
  if (type == "conv2d") layer["filters"] = row[4];
  const ParsedExperiment parsed = parse_experiment(text(JsonObject().add("layers", Json::list(layer))));
  EXPECT_TRUE(parsed.problems.empty()) << text(layer);
  return parsed.experiment.layers.at(0);
}

void expect_as_in_pytorch(const Json& row, bool exact) {
  SCOPED_TRACE(text(row) + (exact ? " exact" : ""));
  LayerCase layer{"padding", 2, {row[1].get<int>(), row[2].get<int>(), row[3].get<int>()}, layer_of(row)};
  layer.exact = exact;
  LayerRun run(layer);
  fill_with_numbers(run.x, 1);
  for (Buffer<real>& values : run.values) fill_with_numbers(values, 2);
  fill_with_numbers(run.dy, 3);
  run.forward();
  run.backward();
  EXPECT_EQ(run.layer->output_shape(), (Shape{row[8].get<int>(), row[9].get<int>(), row[4].get<int>()}));
  const double tolerance = sizeof(real) == 4 ? 2e-4 : 1e-11;
  EXPECT_NEAR(sum(run.y, 3), row[10].get<double>(), tolerance);
  EXPECT_NEAR(sum(run.dx, 4), row[11].get<double>(), tolerance);
  for (const Buffer<real>& gradient : run.gradients) EXPECT_NEAR(sum(gradient, 5), row[12].get<double>(), tolerance);
}

TEST(Padding, IsThatOfPyTorch) {
  const Json rows = golden("padding.json");
  EXPECT_GT(rows.size(), 800u);
  for (const Json& row : rows) {
    for (bool exact : {false, true}) expect_as_in_pytorch(row, exact);
  }
}

std::string problems_of(const std::string& layer, Shape input) {
  const ParsedExperiment parsed = parse_experiment(R"({"layers": [)" + layer + R"(, {"type": "flatten"}]})");
  std::vector<Problem> problems = parsed.problems;
  if (problems.empty()) problems = plan_network(input, 1000, parsed.experiment).problems;
  return problems.empty() ? "" : problems[0].path + ": expected " + problems[0].expected + ", got " + problems[0].given;
}

TEST(Padding, OfTheWrongFormIsRefused) {
  for (const char* wrong : {"-1", "65", "1.5", "true", "null", "{}", "[]", "[1, 1]", "[1, 1, 1, 1, 1]", "[1, 1, 1, -1]",
                            R"(["same", 1, 1, 1])", R"("full")", "[[1], 1, 1, 1]", "1e300"}) {
    const std::string padding = std::string(R"("padding": )") + wrong;
    EXPECT_EQ(problems_of(R"({"type": "conv2d", "filters": 1, "kernelSize": 3, )" + padding + "}", {8, 8, 1})
                  .find("layers[0].padding: expected valid, same, an integer from 0 to 64, or four of them: top, bottom, left, "
                        "right, got "),
              0u)
        << wrong;
  }
  EXPECT_EQ(problems_of(R"({"type": "maxPool2d", "poolSize": 3, "padding": [0, 3, 0, 0]})", {8, 8, 1}),
            "layers[0].padding: expected less than poolSize, which is 3, got 3");
  EXPECT_EQ(problems_of(R"({"type": "depthwiseConv2d", "kernelSize": 6, "padding": [1, 1, 0, 0]})", {4, 5, 2}),
            "layers[0].kernelSize: expected at most the side of its input with padding, which is 6x5x2, got 6");
}

}  // namespace trainground::padding_test

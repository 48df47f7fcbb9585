#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "experiment_file.h"
#include "json_text.h"
#include "options.h"
#include "options_table.h"

namespace trainground::experiment_test {

const char* const kWhole = R"({
  "seed": 7, "dataset": "digits", "validationSplit": 0.25, "splitBy": "fileOrder",
  "samplesPerClass": 12, "shuffle": false,
  "augmentation": [{"type": "flip", "horizontal": 0.5}, {"type": "rotation", "degrees": 15}, {"type": "randomCrop", "scale": [0.7, 0.9]},
                   {"type": "contrast", "range": [0.5, 1.5], "probability": 0.3}],
  "layers": [
    {"type": "conv2d", "filters": 16, "kernelSize": 3, "padding": "same", "kernelInitializer": "heNormal", "l2": 0.5},
    {"type": "batchNormalization", "momentum": 0.8}, {"type": "activation", "function": "leakyRelu", "negativeSlope": 0.2},
    {"type": "maxPool2d", "poolSize": 3, "padding": 1}, {"type": "averagePool2d", "poolSize": 3, "strides": 1, "padding": [2, 0, 1, 1]},
    {"type": "residual", "layers": [{"type": "conv2d", "filters": 16, "kernelSize": 3, "padding": "same", "trainable": false}]},
    {"type": "flatten"}, {"type": "dropout", "keep": 0.8}, {"type": "dense", "units": 10, "activation": "tanh", "useBias": false}],
  "transfer": {"weights": "backbone", "freeze": "most"},
  "loss": {"type": "crossEntropy", "labelSmoothing": 0.1},
  "elasticNet": {"lambda": 0.1, "alpha": 0.25},
  "optimizer": {"type": "momentum", "nesterov": true, "clipNorm": 5},
  "learningRateSchedule": {"type": "cosine", "warmupEpochs": 2, "minimum": 0.001},
  "batchSize": 64, "epochs": 12, "exact": true,
  "earlyStopping": {"monitor": "validationAccuracy", "patience": 4, "minDelta": 0.01, "startFromEpoch": 2, "restoreBestWeights": true}})";

const char* const kSmall = R"({"layers": [{"type": "dense", "units": 3}]})";

// "path: expected X, got Y", one a line.
std::string problems_of(const std::string& json) {
  std::string text;
  for (const Problem& problem : parse_experiment(json).problems) {
    text += problem.path + ": expected " + problem.expected + ", got " + problem.given + "\n";
  }
  return text;
}
// A file with one dense layer and these keys besides.
std::string with(const std::string& keys) { return R"({"layers": [{"type": "dense", "units": 3}], )" + keys + "}"; }
std::string with_layer(const std::string& layer) { return R"({"layers": [)" + layer + "]}"; }

TEST(Experiment, ReadsEveryKey) {
  const ParsedExperiment parsed = parse_experiment(kWhole);
  ASSERT_EQ(problems_of(kWhole), "");
  const Experiment& e = parsed.experiment;
  EXPECT_EQ(e.seed, 7u);
  EXPECT_EQ(e.validation_split, 0.25);
  EXPECT_EQ(e.split_by, SplitBy::fileOrder);
  EXPECT_EQ(e.samples_per_class, 12);
  EXPECT_FALSE(e.shuffle);
  ASSERT_EQ(e.augmentation.size(), 4u);
  EXPECT_EQ(e.augmentation[0].horizontal, 0.5);
  EXPECT_EQ(e.augmentation[0].vertical, 0);
  EXPECT_EQ(e.augmentation[1].type, AugmentationType::rotation);
  EXPECT_EQ(e.augmentation[1].degrees, 15);
  EXPECT_EQ(e.augmentation[2].scale_min, 0.7);
  EXPECT_EQ(e.augmentation[2].scale_max, 0.9);
  EXPECT_EQ(e.augmentation[3].contrast_max, 1.5);
  EXPECT_EQ(e.augmentation[3].probability, 0.3);
  ASSERT_EQ(e.layers.size(), 9u);
  EXPECT_EQ(e.layers[0].filters, 16);
  EXPECT_EQ(e.layers[0].padding, kSame);
  EXPECT_EQ(e.layers[3].padding, (Padding{false, 1, 1, 1, 1}));
  EXPECT_EQ(e.layers[4].padding, (Padding{false, 2, 0, 1, 1}));
  EXPECT_EQ(e.layers[0].kernel_initializer, Initializer::heNormal);
  EXPECT_DOUBLE_EQ(e.layers[0].l1, 0.075);  // the experiment's, from elasticNet
  EXPECT_EQ(e.layers[0].l2, 0.5);           // its own
  EXPECT_EQ(e.layers[1].momentum, 0.8);
  EXPECT_EQ(e.layers[2].activation, Activation::leakyRelu);
  EXPECT_EQ(e.layers[2].negative_slope, 0.2);
  EXPECT_EQ(e.layers[3].strides, 3);  // the window's size
  EXPECT_EQ(e.layers[4].strides, 1);
  ASSERT_EQ(e.layers[5].layers.size(), 1u);
  EXPECT_FALSE(e.layers[5].layers[0].trainable);
  EXPECT_DOUBLE_EQ(e.layers[5].layers[0].l2, 0.025);
  EXPECT_DOUBLE_EQ(e.layers[5].l1, 0.075);  // for the block's own projection
  EXPECT_EQ(e.layers[7].rate, 0.2);
  EXPECT_EQ(e.layers[8].units, 10);
  EXPECT_EQ(e.layers[8].activation, Activation::tanh);
  EXPECT_FALSE(e.layers[8].use_bias);
  EXPECT_EQ(e.freeze, Freeze::most);
  EXPECT_EQ(e.label_smoothing, 0.1);
  EXPECT_DOUBLE_EQ(e.l1, 0.075);
  EXPECT_DOUBLE_EQ(e.l2, 0.025);
  EXPECT_EQ(e.optimizer.type, OptimizerType::momentum);
  EXPECT_EQ(e.optimizer.learning_rate, 0.01);
  EXPECT_TRUE(e.optimizer.nesterov);
  EXPECT_EQ(e.optimizer.clip_norm, 5);
  EXPECT_EQ(e.schedule.type, ScheduleType::cosine);
  EXPECT_EQ(e.schedule.warmup_epochs, 2);
  EXPECT_EQ(e.schedule.minimum, 0.001);
  EXPECT_EQ(e.batch_size, 64);
  EXPECT_EQ(e.epochs, 12);
  EXPECT_TRUE(e.exact);
  EXPECT_TRUE(e.early_stopping.enabled);
  EXPECT_EQ(e.early_stopping.monitor, Monitor::validationAccuracy);
  EXPECT_EQ(e.early_stopping.patience, 4);
  EXPECT_EQ(e.early_stopping.min_delta, 0.01);
  EXPECT_EQ(e.early_stopping.start_from_epoch, 2);
  EXPECT_TRUE(e.early_stopping.restore_best_weights);
}

TEST(Experiment, WritesEveryDefaultOutAndReadsItBack) {
  const ParsedExperiment small = parse_experiment(kSmall);
  ASSERT_TRUE(small.problems.empty());
  EXPECT_EQ(
      small.normalized,
      R"({"seed":1,"validationSplit":0.2,"shuffle":true,"augmentation":[],"layers":[{"type":"dense","units":3,)"
      R"("activation":"linear","useBias":true,"kernelInitializer":"glorotUniform","trainable":true}],)"
      R"("loss":{"type":"crossEntropy","labelSmoothing":0},"l1":0,"l2":0,"optimizer":{"type":"adam","learningRate":0.001,)"
      R"("beta1":0.9,"beta2":0.999,"epsilon":1e-8,"clipNorm":0},"learningRateSchedule":{"type":"constant","warmupEpochs":0},)"
      R"("batchSize":32,"epochs":20,"exact":false})");
  EXPECT_FALSE(small.experiment.early_stopping.enabled);
  EXPECT_EQ(small.experiment.split_by, SplitBy::data);
  EXPECT_EQ(small.experiment.samples_per_class, 0);
  for (const char* file : {kSmall, kWhole}) {
    const ParsedExperiment once = parse_experiment(file), twice = parse_experiment(once.normalized);
    ASSERT_EQ(problems_of(once.normalized), "");
    EXPECT_EQ(once.normalized, twice.normalized);
    EXPECT_EQ(once.experiment.l1, twice.experiment.l1);
    EXPECT_EQ(once.experiment.layers.back().l2, twice.experiment.layers.back().l2);
  }
}

TEST(Experiment, DefaultsOfTheMathematicsDependOnTheOptimizer) {
  const auto of = [](const std::string& type) {
    return parse_experiment(with("\"optimizer\": \"" + type + "\"")).experiment.optimizer;
  };
  EXPECT_EQ(of("sgd").learning_rate, 0.01);
  EXPECT_EQ(of("rmsprop").rho, 0.9);
  EXPECT_EQ(of("rmsprop").epsilon, 1e-8);
  EXPECT_EQ(of("adadelta").rho, 0.95);
  EXPECT_EQ(of("adadelta").epsilon, 1e-6);
  EXPECT_EQ(of("adadelta").learning_rate, 1);
  EXPECT_EQ(of("adagrad").epsilon, 1e-10);
  EXPECT_EQ(of("adamw").weight_decay, 0.01);
  EXPECT_EQ(of("adam").weight_decay, 0);
}

TEST(Experiment, NamesEachProblem) {
  const struct {
    std::string json, problems;
  } cases[] = {
      {"[]", ": expected an object, got a list of 0\n"},
      {"{", ": expected JSON, got a syntax error at line 1, column 2\n"},
      {"{\n \"seed\": tru }", ": expected JSON, got a syntax error at line 2, column 13\n"},
      {"", ": expected JSON, got a syntax error at line 1, column 1\n"},
      {"{\"seed\": 1e999}", ": expected JSON, got a number that is too large at line 1, column 14\n"},
      {"{}", "layers: expected a list of 1 to 200 objects, got nothing\n"},
      {"{\"layers\": []}", "layers: expected a list of 1 to 200 objects, got a list of 0\n"},
      {"{\"layers\": [3]}", "layers[0]: expected an object, got 3\n"},
      {with("\"seed\": 1, \"seed\": 2"), "seed: expected given once, got the same key twice\n"},
      {with_layer(R"({"type": "dense", "units": 1, "units": 2})"),
       "layers[0].units: expected given once, got the same key twice\n"},
      {with("\"seed\": -1"), "seed: expected an integer from 0 to 9007199254740991, got -1\n"},
      {with("\"seed\": 1.5"), "seed: expected an integer from 0 to 9007199254740991, got 1.5\n"},
      {with("\"batchSize\": 0"), "batchSize: expected an integer from 1 to 65536, got 0\n"},
      {with("\"batchSize\": \"32\""), "batchSize: expected an integer from 1 to 65536, got \"32\"\n"},
      {with("\"shuffle\": 1"), "shuffle: expected true or false, got 1\n"},
      {with("\"batchsize\": 8"), "batchsize: expected a known option (is \"batchSize\" meant?), got 8\n"},
      {with("\"splitBy\": \"class\", \"samplesPerClass\": 1"),
       "splitBy: expected one of random, fileOrder, group, got \"class\"\n"
       "samplesPerClass: expected an integer from 2 to 1000000, got 1\n"},
      {with("\"samplesPerClass\": null, \"splitBy\": 3"),
       "splitBy: expected one of random, fileOrder, group, got 3\n"
       "samplesPerClass: expected an integer from 2 to 1000000, got null\n"},
      {with("\"zebra\": {}"), "zebra: expected a known option, got an object\n"},
      {with("\"loss\": \"mse\""), "loss: expected one of crossEntropy, binaryCrossEntropy, meanSquaredError, got \"mse\"\n"},
      {with("\"loss\": {\"type\": \"meanSquaredError\", \"labelSmoothing\": 0.1}"),
       "loss.labelSmoothing: expected left out (\"meanSquaredError\" does not take it), got 0.1\n"},
      {with("\"optimizer\": {\"type\": \"adamx\", \"lerningRate\": 1}"),
       "optimizer.type: expected one of sgd, momentum, rmsprop, adam, adamw, adagrad, adadelta, got \"adamx\"\n"
       "optimizer.lerningRate: expected a known option (is \"learningRate\" meant?), got 1\n"},
      {with("\"optimizer\": 3"), "optimizer: expected an object or a name, got 3\n"},
      {with("\"elasticNet\": {\"lambda\": 1, \"alpha\": 0.5}, \"l2\": 0"), "l2: expected left out (elasticNet sets it), got 0\n"},
      {with("\"elasticNet\": {\"lambda\": 1, \"alpha\": 2}"), "elasticNet.alpha: expected a number from 0 to 1, got 2\n"},
      {with("\"augmentation\": [{\"type\": \"flip\"}, {\"type\": \"randomCrop\", \"scale\": [0.9, 0.8]}]"),
       "augmentation[0]: expected an object with at least one of horizontal, vertical, got none of them\n"
       "augmentation[1].scale: expected two numbers from 0.05 to 2, the smaller first, got a list of 2\n"},
      {with("\"dataset\": {\"type\": \"csv\", \"path\": \"a.csv\"}"),
       "dataset.label: expected a text of 1 to 4096 bytes, got nothing\n"},
      {with("\"dataset\": {\"type\": \"points\", \"validation\": {\"type\": \"points\", \"validation\": \"digits\"}}"),
       "dataset.validation.validation: expected left out (\"points\" does not take it), got \"digits\"\n"},
      {with("\"dataset\": \"\""), "dataset: expected an object or a name, got \"\"\n"},
      {with("\"earlyStopping\": null"), "earlyStopping: expected an object, got null\n"},
      {with("\"transfer\": {}"), "transfer.weights: expected a text of 1 to 4096 bytes, got nothing\n"},
      {with_layer(R"({"units": 3})"),
       "layers[0].type: expected one of dense, conv2d, depthwiseConv2d, maxPool2d, averagePool2d, "
       "globalAveragePool2d, batchNormalization, dropout, activation, flatten, residual, rescaling, backbone, got nothing\n"},
      {with_layer(R"({"type": "dropout"})"), "layers[0]: expected an object with exactly one of rate, keep, got none of them\n"},
      {with_layer(R"({"type": "dropout", "rate": 0.5, "keep": 0.5})"),
       "layers[0]: expected an object with exactly one of rate, keep, got 2 of them\n"},
      {with_layer(R"({"type": "conv2d", "filters": 1.5, "padding": "Same"}, {"type": "dropout", "rate": 1.5})"),
       "layers[0].filters: expected an integer from 1 to 65536, got 1.5\n"
       "layers[0].kernelSize: expected an integer from 1 to 64, got nothing\n"
       "layers[0].padding: expected valid, same, an integer from 0 to 64, or four of them: top, bottom, left, right, got "
       "\"Same\"\n"
       "layers[1].rate: expected a number from 0 to 0.95, got 1.5\n"},
      {with(R"("dataset": {"type": "images", "path": "a", "channels": 2})"),
       "dataset.channels: expected an integer from 1 to 3 in steps of 2, got 2\n"},
      {with(R"("seed": 0.5)"), "seed: expected an integer from 0 to 9007199254740991, got 0.5\n"},
      {with_layer(R"({"type": "residual", "layers": [{"type": "dense"}]})"),
       "layers[0].layers[0].units: expected an integer from 1 to 65536, got nothing\n"},
      {with_layer(R"({"type": "flatten", "units": 3})"),
       "layers[0].units: expected left out (\"flatten\" does not take it), got 3\n"},
  };
  for (const auto& one : cases) EXPECT_EQ(problems_of(one.json), one.problems) << one.json;
}

TEST(Experiment, TheFilesThatComeWithThePageAreRight) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("web/experiments")) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    std::ifstream file(entry.path());
    EXPECT_EQ(problems_of(std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>())), "")
        << entry.path();
  }
  EXPECT_GT(files, 1);
}

TEST(Experiment, NestingEnds) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "[";
  EXPECT_EQ(problems_of(deep), ": expected JSON of at most 32 levels, got a deeper one\n");
}

TEST(Experiment, ATextEndsNotBeforeItsEnd) {
  using namespace std::string_literals;
  EXPECT_EQ(problems_of(kSmall + "\0"s), ": expected JSON, got a byte 0 at line 1, column 44\n");
  EXPECT_EQ(problems_of(kSmall + "\0garbage"s), ": expected JSON, got a byte 0 at line 1, column 44\n");
  EXPECT_EQ(problems_of("\n{\0}"s), ": expected JSON, got a byte 0 at line 2, column 2\n");
}

// Samples in the wrong place are an object with a key for each number.
TEST(Experiment, ARefusalTakesTimeLinearInTheInput) {
  const auto time = [](int numbers) {
    std::string samples = R"({"layers": [{"type": "dense", "units": 3}], "dataset": {"type": "points", "inputs": {"0":1)";
    for (int i = 1; i < numbers; ++i) samples += ",\"" + std::to_string(i) + "\":0.5";
    std::string keys = samples;
    keys.erase(keys.find("\"inputs\": {"), 11);
    const std::clock_t before = std::clock();  // of the processor: a busy machine changes nothing
    EXPECT_EQ(problems_of(samples + "}}}"), "dataset.inputs: expected left out (\"points\" does not take it), got an object\n");
    EXPECT_EQ(parse_experiment(keys + "}}").problems.size(), 100u);
    return static_cast<double>(std::clock() - before);
  };
  const double once = std::max(1.0, std::min({time(20000), time(20000), time(20000)}));
  EXPECT_LT(time(200000), 40 * once);  // linear: ten times; quadratic: a hundred times
}

TEST(Experiment, TheTableIsWholeAndInItsOwnRanges) {
  const Json table = trusted_json(options_table());
  ASSERT_FALSE(table.is_none());
  ASSERT_EQ(table.size(), all_options().size());
  for (const Option& option : all_options()) {
    EXPECT_GT(std::string(option.description).size(), 4u) << option.path;
    if (option.if_absent != IfAbsent::default_value) continue;
    if (option.kind == OptionKind::number || option.kind == OptionKind::integer || option.kind == OptionKind::range) {
      EXPECT_LE(option.minimum, option.fallback) << option.path;
      EXPECT_GE(option.maximum, option.fallback) << option.path;
    }
    if (option.kind == OptionKind::choice) {
      EXPECT_LT(option.fallback, static_cast<double>(option.choices.size())) << option.path;
    }
  }
  for (const Json& row : table) {
    if (row["path"].text() == "optimizer.beta1") {
      EXPECT_EQ(text(row),
                R"({"path":"optimizer.beta1","type":"number","default":0.9,"required":false,"minimum":0,"maximum":0.999999,)"
                R"("unit":"share","description":"Share kept of the mean gradient.","of":["adam","adamw"]})");
    }
  }
  // The struct's own defaults, which code that builds an experiment by hand sees, are the table's.
  const Experiment read = parse_experiment(kSmall).experiment, plain;
  EXPECT_EQ(read.seed, plain.seed);
  EXPECT_EQ(read.validation_split, plain.validation_split);
  EXPECT_EQ(read.optimizer.learning_rate, plain.optimizer.learning_rate);
  EXPECT_EQ(read.batch_size, plain.batch_size);
  EXPECT_EQ(read.epochs, plain.epochs);
}

// Broken files by the thousand: bytes changed, cut, doubled and swapped. Never a crash, and what is accepted reads back the same.
TEST(Experiment, SurvivesMutations) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  const std::string words[] = {"null",     "-1",  "1e308",       "[]",  "{}",   "\"\"",  "true",
                               "\"type\"", "0.5", "\"keep\":1,", "[[[", "\xff", "1e-320"};
  int accepted = 0, refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = i % 2 ? kWhole : parse_experiment(kWhole).normalized;
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + below(12));
          break;
        case 2:
          text.insert(at, words[below(std::size(words))]);
          break;
        case 3:
          text.insert(at, text.substr(below(text.size()), below(40)));
          break;
        default:
          text[at] = static_cast<char>('0' + below(10));
          break;
      }
    }
    const ParsedExperiment parsed = parse_experiment(text);
    if (!parsed.problems.empty()) {
      ++refused;
      continue;
    }
    ++accepted;
    const ParsedExperiment again = parse_experiment(parsed.normalized);
    ASSERT_TRUE(again.problems.empty()) << text;
    ASSERT_EQ(again.normalized, parsed.normalized) << text;
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 1000);
}

}  // namespace trainground::experiment_test

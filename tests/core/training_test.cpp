// Whole runs: what they end with, how they stop, and that they go on from a checkpoint as if nothing had been.
#include "training.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "checkpoint.h"
#include "experiment_file.h"
#include "parallel.h"
#include "pictures.h"
#include "sha256.h"
#include "weights.h"

namespace trainground::training_test {

const std::string kLayers = R"("layers": [
  {"type": "conv2d", "filters": 5, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
  {"type": "activation", "function": "relu"}, {"type": "maxPool2d"}, {"type": "flatten"}, {"type": "dropout", "rate": 0.2},
  {"type": "dense", "units": 3}])";

ParsedExperiment experiment(const std::string& more, const std::string& layers = kLayers) {
  ParsedExperiment parsed = parse_experiment("{" + layers + (more.empty() ? "" : ", ") + more + "}");
  for (const Problem& problem : parsed.problems)
    ADD_FAILURE() << problem.path << ": " << problem.expected << ", " << problem.given;
  return parsed;
}

void run_to_end(Training& training) {
  while (training.advance() != Training::Unit::end) {
  }
}

std::string signature(Training& training) { return weights_sha256(training.network()); }

TEST(Training, LearnsAndEndsAfterItsEpochs) {
  const Dataset data = pictures(90, 6, 1, 3);
  Training training(
      experiment(R"("epochs": 12, "batchSize": 16, "optimizer": {"type": "adam", "learningRate": 0.01})").experiment, data,
      nullptr);
  run_to_end(training);
  EXPECT_EQ(training.reason(), StopReason::epochs);
  ASSERT_EQ(training.history().size(), 12u);
  EXPECT_EQ(training.steps_per_epoch(), 5);  // 72 samples: four of 16, one of 8
  EXPECT_EQ(training.last_step().step, 60);
  EXPECT_LT(training.history().back().loss, training.history().front().loss / 2);
  EXPECT_GT(training.history().back().validation_accuracy, 0.9);
}

TEST(Training, GivesTheSameBitsForAnyNumberOfThreads) {
  const Dataset data = pictures(83, 7, 2, 3);
  const ParsedExperiment parsed =
      experiment(R"("epochs": 3, "batchSize": 13, "augmentation": [{"type": "rotation", "degrees": 10}])");
  std::string one;
  for (int count : {1, 2, 3, 4}) {
    set_threads(count);
    Training training(parsed.experiment, data, nullptr);
    run_to_end(training);
    if (count == 1) one = signature(training);
    EXPECT_EQ(signature(training), one) << count << " threads";
  }
  set_threads(1);
}

TEST(Training, TheSeedIsAllThatDecides) {
  const Dataset data = pictures(60, 6, 1, 3);
  const auto of = [&](const char* seed) {
    Training training(experiment(std::string(R"("epochs": 2, "seed": )") + seed).experiment, data, nullptr);
    run_to_end(training);
    return signature(training);
  };
  EXPECT_EQ(of("1"), of("1"));
  EXPECT_NE(of("1"), of("2"));
}

TEST(Training, RestoresTheBestWeightsHoweverItEnds) {
  const Dataset data = pictures(60, 6, 1, 3);
  const std::string rough =
      R"("optimizer": {"type": "adam", "learningRate": 0.1}, "batchSize": 4, "earlyStopping": {"restoreBestWeights": true, "patience": )";
  // Where the loss first rises again: an end right there is one whose last epoch is not its best.
  Training probe(experiment(rough + R"(1000}, "epochs": 100)").experiment, data, nullptr);
  while (probe.best_epoch() == static_cast<int>(probe.history().size())) probe.advance();
  const std::string rise = std::to_string(probe.history().size());
  const std::pair<std::string, StopReason> ends[] = {{R"(1}, "epochs": 100)", StopReason::earlyStopping},
                                                     {R"(1000}, "epochs": )" + rise, StopReason::epochs},
                                                     {R"(1000}, "epochs": 100)", StopReason::interrupted}};
  for (const auto& [options, reason] : ends) {
    Training training(experiment(rough + options).experiment, data, nullptr);
    if (reason == StopReason::interrupted) {
      while (training.history().size() < probe.history().size()) training.advance();
      for (int step = 0; step < 3; ++step) training.advance();
      training.finish();
    } else {
      run_to_end(training);
    }
    EXPECT_EQ(training.reason(), reason);
    int best = 1;
    for (const EpochResult& row : training.history())
      if (row.validation_loss < training.history()[best - 1].validation_loss) best = row.epoch;
    EXPECT_EQ(training.best_epoch(), best);
    EXPECT_LT(best, training.history().back().epoch) << "the case shows nothing";
    const Evaluation now = training.evaluate(data, training.split().validation);
    EXPECT_NEAR(now.loss, training.history()[best - 1].validation_loss, 1e-9);
    EXPECT_EQ(training.result().epoch, best);
  }
}

TEST(Training, NothingHeldBackHasNoLoss) {
  const Dataset data = pictures(20, 6, 1, 3);
  Training training(experiment(R"("validationSplit": 0)").experiment, data, nullptr);
  const Evaluation evaluation = training.evaluate(data, training.split().validation);
  EXPECT_TRUE(std::isnan(evaluation.loss));
  EXPECT_TRUE(std::isnan(evaluation.accuracy));
}

TEST(Training, OneOutputForTwoClassesIsAnsweredAsTwo) {
  const Dataset data = pictures(60, 6, 1, 2);
  const std::string layers = R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 1}])";
  Training training(experiment(R"("loss": "binaryCrossEntropy", "epochs": 3)", layers).experiment, data, nullptr);
  run_to_end(training);
  EXPECT_EQ(training.answer_size(), 2);
  const std::vector<std::int32_t>& held_back = training.split().validation;
  const Evaluation evaluation = training.evaluate(data, held_back);
  ASSERT_EQ(evaluation.probabilities.size(), 2 * held_back.size());
  ASSERT_EQ(evaluation.confusion.size(), 4u);
  std::int32_t right = 0, confusion[4] = {};
  for (std::size_t i = 0; i < held_back.size(); ++i) {
    const float first = evaluation.probabilities[2 * i], second = evaluation.probabilities[2 * i + 1];
    EXPECT_NEAR(first + second, 1, 1e-6);
    const int label = data.labels[static_cast<std::size_t>(held_back[i])], said = second > first;
    right += said == label;
    ++confusion[2 * label + said];
    EXPECT_EQ(training.predict({data.shape, data.bytes.data() + held_back[i] * 36, nullptr}, 1),
              (std::vector<float>{first, second}));
  }
  EXPECT_EQ(evaluation.confusion, (std::vector<std::int32_t>{confusion[0], confusion[1], confusion[2], confusion[3]}));
  EXPECT_EQ(evaluation.accuracy, static_cast<double>(right) / static_cast<double>(held_back.size()));
  EXPECT_GT(right, 0);
  EXPECT_LT(right, static_cast<int>(held_back.size())) << "the case shows little";
}

TEST(Training, GoesBackToTheLastGoodWeightsWhenItDiverges) {
  const Dataset data = pictures(60, 6, 1, 3);
  const std::string plain = R"("layers": [{"type": "flatten"}, {"type": "dense", "units": 16, "activation": "relu"},
    {"type": "dense", "units": 3}])";
  Training training(
      experiment(R"("loss": "meanSquaredError", "optimizer": {"type": "sgd", "learningRate": 1000}, "epochs": 200)", plain)
          .experiment,
      data, nullptr);
  const std::string before = signature(training);
  run_to_end(training);
  EXPECT_EQ(training.reason(), StopReason::diverged);
  EXPECT_NE(training.message().find("at step"), std::string::npos) << training.message();
  for (const real value : training.network().values()) ASSERT_TRUE(std::isfinite(value));
  if (training.history().empty()) {
    EXPECT_EQ(signature(training), before);
  }
}

TEST(Training, FrozenLayersAndTheirStatisticsDoNotChangeByABit) {
  const Dataset data = pictures(60, 6, 1, 3);
  const std::string layers = R"("layers": [
    {"type": "conv2d", "filters": 4, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu"},
    {"type": "conv2d", "filters": 4, "kernelSize": 3}, {"type": "batchNormalization"}, {"type": "activation", "function": "relu"},
    {"type": "flatten"}, {"type": "dense", "units": 3}])";
  const std::pair<Freeze, std::vector<std::string>> regimes[] = {
      {Freeze::none, {}},
      {Freeze::most, {"layers.0.", "layers.1."}},
      {Freeze::all, {"layers.0.", "layers.1.", "layers.3.", "layers.4."}}};
  for (const auto& [freeze, frozen] : regimes) {
    Experiment options =
        experiment(R"("epochs": 2, "l2": 0.01, "optimizer": {"type": "adamw", "weightDecay": 0.1})", layers).experiment;
    options.freeze = freeze;
    Training training(options, data, nullptr);
    const Network& network = training.network();
    EXPECT_EQ(network.learning().size() < network.values().size(), !frozen.empty());
    std::vector<std::vector<real>> before;
    for (const Parameter* p : network.parameters()) before.emplace_back(p->value, p->value + p->count());
    run_to_end(training);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const Parameter& p = *network.parameters()[i];
      const bool same = std::equal(before[i].begin(), before[i].end(), p.value);
      const bool expected =
          std::any_of(frozen.begin(), frozen.end(), [&](const std::string& prefix) { return p.name.starts_with(prefix); });
      EXPECT_EQ(same, expected) << p.name;
    }
  }
}

TEST(Training, AFrozenBlockIsFrozenThroughAllItsLevels) {
  const Dataset data = pictures(40, 6, 1, 3);
  const std::string layers = R"("layers": [{"type": "residual", "trainable": false, "layers": [
      {"type": "conv2d", "filters": 4, "kernelSize": 3, "padding": "same"}, {"type": "batchNormalization"},
      {"type": "residual", "layers": [{"type": "conv2d", "filters": 4, "kernelSize": 3, "padding": "same"}]}]},
    {"type": "globalAveragePool2d"}, {"type": "dense", "units": 3}])";
  Training training(experiment(R"("epochs": 2)", layers).experiment, data, nullptr);
  std::vector<std::vector<real>> before;
  for (const Parameter* p : training.network().parameters()) before.emplace_back(p->value, p->value + p->count());
  run_to_end(training);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Parameter& p = *training.network().parameters()[i];
    EXPECT_EQ(std::equal(before[i].begin(), before[i].end(), p.value), p.name.starts_with("layers.0.")) << p.name;
  }
}

TEST(Training, GoesOnFromACheckpointOfAnyMomentBitForBit) {
  const Dataset data = pictures(40, 6, 1, 3);
  for (const char* optimizer : {"sgd", "momentum", "rmsprop", "adam", "adamw", "adagrad", "adadelta"}) {
    const ParsedExperiment parsed =
        experiment(R"("epochs": 4, "batchSize": 9, "learningRateSchedule": {"type": "reduceOnPlateau", "patience": 1},
      "earlyStopping": {"patience": 2, "restoreBestWeights": true}, "optimizer": ")" +
                   std::string(optimizer) + "\"");
    Training whole(parsed.experiment, data, nullptr);
    run_to_end(whole);
    for (int units : {0, 1, 3, 4, 5, 6, 7, 13, 22, 1000}) {
      Training first(parsed.experiment, data, nullptr);
      for (int i = 0; i < units; ++i) first.advance();
      const std::vector<std::uint8_t> file = write_checkpoint(first, parsed.normalized);
      Training second(parsed.experiment, data, nullptr);
      const std::vector<Problem> problems = read_checkpoint(file, parsed.normalized, second);
      ASSERT_TRUE(problems.empty()) << problems[0].expected << ", " << problems[0].given;
      EXPECT_EQ(write_checkpoint(second, parsed.normalized), file) << optimizer << " after " << units;
      run_to_end(second);
      EXPECT_EQ(signature(second), signature(whole)) << optimizer << " after " << units;
      EXPECT_EQ(second.message(), whole.message());
      EXPECT_EQ(second.history().size(), whole.history().size());
    }
  }
}

TEST(Training, AFinishedRunCanBeMadeLonger) {
  const Dataset data = pictures(40, 6, 1, 3);
  const ParsedExperiment four = experiment(R"("epochs": 4)"), two = experiment(R"("epochs": 2)");
  Training whole(four.experiment, data, nullptr), half(two.experiment, data, nullptr), rest(four.experiment, data, nullptr);
  run_to_end(whole);
  run_to_end(half);
  EXPECT_TRUE(read_checkpoint(write_checkpoint(half, two.normalized), four.normalized, rest).empty());
  run_to_end(rest);
  EXPECT_EQ(signature(rest), signature(whole));
}

TEST(Training, KeepsTheBestWeightsWhereTheEndAsksForThem) {
  const Dataset data = pictures(40, 6, 1, 3);
  std::size_t sizes[2];
  for (bool restored : {false, true}) {
    const ParsedExperiment parsed =
        experiment(R"("epochs": 2, "earlyStopping": {"restoreBestWeights": )" + std::string(restored ? "true}" : "false}"));
    Training training(parsed.experiment, data, nullptr);
    run_to_end(training);
    EXPECT_GT(training.best_epoch(), 0);
    sizes[restored] = write_checkpoint(training, "{}").size();
    if (restored) {
      EXPECT_GE(sizes[1], sizes[0] + training.network().values().size_bytes());
    }
  }
}

TEST(Training, RefusesACheckpointThatIsForeignOrDamagedAndStaysAsItWas) {
  const Dataset data = pictures(40, 6, 1, 3), other_data = pictures(43, 6, 1, 3);
  const ParsedExperiment parsed = experiment(R"("epochs": 2)"), other = experiment(R"("epochs": 2, "seed": 2)");
  Training training(parsed.experiment, data, nullptr);
  training.advance();
  const std::vector<std::uint8_t> good = write_checkpoint(training, parsed.normalized);
  const auto refused = [&](std::span<const std::uint8_t> file, const std::string& experiment_text, Training& run) {
    const std::string before = signature(run);
    const std::vector<Problem> problems = read_checkpoint(file, experiment_text, run);
    EXPECT_EQ(signature(run), before);
    return !problems.empty();
  };
  EXPECT_TRUE(refused(good, other.normalized, training));
  Training elsewhere(parsed.experiment, other_data, nullptr);
  EXPECT_TRUE(refused(good, parsed.normalized, elsewhere));
  EXPECT_TRUE(refused(write_weights(training.network()), parsed.normalized, training));
  for (std::size_t length = 0; length < good.size(); length += 37)
    EXPECT_TRUE(refused(std::span(good).first(length), parsed.normalized, training)) << length;
  for (std::size_t place = 9; place < good.size(); place += 101) {
    std::vector<std::uint8_t> damaged = good;
    damaged[place] ^= 1;
    EXPECT_TRUE(refused(damaged, parsed.normalized, training)) << place;
  }
}

// Layers keep what they make of the weights from answer to answer: it must go wherever weights change.
TEST(Training, AnswersAreThoseOfTheWeightsInPlace) {
  const Dataset data = pictures(40, 6, 1, 3);
  const ParsedExperiment parsed =
      experiment(R"("epochs": 4, "batchSize": 9, "earlyStopping": {"restoreBestWeights": true},
    "optimizer": {"type": "adam", "learningRate": 0.1})",
                 R"("layers": [{"type": "conv2d", "filters": 5, "kernelSize": 3, "strides": 2}, {"type": "batchNormalization"},
    {"type": "conv2d", "filters": 8, "kernelSize": 1}, {"type": "flatten"}, {"type": "dense", "units": 3}])");
  const Pixels seen{data.shape, data.bytes.data(), nullptr};
  Training run(parsed.experiment, data, nullptr);
  std::vector<float> last;
  const auto expect_new = [&](const std::string& when) {
    Training other(parsed.experiment, data, nullptr);
    std::ranges::copy(run.network().values(), other.network().values().begin());
    std::ranges::copy(run.network().statistics(), other.network().statistics().begin());
    run.look(seen, 7);  // with norms apart, which must leave nothing
    const std::vector<float> answers = run.predict(seen, 7);
    EXPECT_EQ(answers, other.predict(seen, 7)) << when;
    EXPECT_NE(answers, last) << when << ": the case shows nothing";
    last = answers;
  };
  expect_new("before the run");
  for (int unit = 0; unit < 3; ++unit) {
    ASSERT_EQ(run.advance(), Training::Unit::step);
    expect_new("after step " + std::to_string(unit + 1));
  }
  const std::vector<std::uint8_t> weights = write_weights(run.network()), checkpoint = write_checkpoint(run, parsed.normalized);
  run.advance();
  expect_new("a step later");
  EXPECT_TRUE(load_weights(weights, run.network()).problems.empty());
  run.weights_loaded();
  expect_new("with loaded weights");
  while (run.history().size() < 3) run.advance();
  expect_new("after three epochs");
  run.advance();
  expect_new("and a step");
  run.finish();
  expect_new("with the best weights again");
  EXPECT_TRUE(read_checkpoint(checkpoint, parsed.normalized, run).empty());
  expect_new("from a checkpoint");
}

TEST(Training, WithoutAValidationPartItStillEnds) {
  const Dataset data = pictures(40, 6, 1, 3);
  Training training(experiment(R"("epochs": 2, "validationSplit": 0)").experiment, data, nullptr);
  run_to_end(training);
  EXPECT_EQ(training.reason(), StopReason::epochs);
  EXPECT_TRUE(std::isnan(training.history().back().validation_loss));
}

TEST(Training, ThePreviewIsWhatTheEpochTrainsOn) {
  const Dataset data = pictures(24, 6, 1, 3);
  const ParsedExperiment parsed = experiment(R"("epochs": 2, "batchSize": 24, "validationSplit": 0, "shuffle": false,
    "augmentation": [{"type": "flip", "horizontal": 0.5}, {"type": "noise", "stddev": 0.1}])");
  Training training(parsed.experiment, data, nullptr);
  const std::vector<std::int32_t>& all = training.split().training;
  const std::vector<float> plain = training.preview(0, all), first = training.preview(1, all), second = training.preview(2, all);
  EXPECT_NE(plain, first);
  EXPECT_NE(first, second);
  training.advance();
  const std::vector<float> seen(training.batch().inputs(), training.batch().inputs() + first.size());
  EXPECT_EQ(seen, first);
}

TEST(Weights, AreTakenByNameOrNotAtAll) {
  const Dataset data = pictures(40, 6, 1, 3);
  Training one(experiment(R"("seed": 1)").experiment, data, nullptr), two(experiment(R"("seed": 2)").experiment, data, nullptr);
  const std::vector<std::uint8_t> file = write_weights(one.network());
  EXPECT_TRUE(load_weights(file, two.network()).problems.empty());
  EXPECT_EQ(signature(two), signature(one));

  const std::string wider =
      R"("layers": [{"type": "conv2d", "filters": 6, "kernelSize": 3, "padding": "same"}, {"type": "flatten"},
    {"type": "dense", "units": 3}])";
  Training other(experiment("", wider).experiment, data, nullptr);
  const std::string before = signature(other);
  const std::vector<Problem> problems = load_weights(file, other.network()).problems;
  ASSERT_GE(problems.size(), 3u);
  EXPECT_EQ(problems[0].path, "layers.0.weight");
  EXPECT_EQ(problems[0].expected, "numbers of shape (6, 1, 3, 3)");
  EXPECT_EQ(problems[0].given, "F32 of shape (5, 1, 3, 3)");
  EXPECT_EQ(signature(other), before);
}

}  // namespace trainground::training_test

#include "early_stopping.h"

#include <gtest/gtest.h>

#include <cmath>

namespace trainground::early_stopping_test {

// The verdicts as letters: g go on, b new best, s stop (where it ends).
std::string run(EarlyStopping& stopping, std::initializer_list<double> losses, double accuracy = 0) {
  std::string verdicts;
  int epoch = 0;
  for (double loss : losses) {
    const Verdict verdict = stopping.epoch_ended(++epoch, loss, accuracy);
    verdicts += verdict == Verdict::new_best ? 'b' : verdict == Verdict::stop ? 's' : 'g';
    if (verdict == Verdict::stop) break;
  }
  return verdicts;
}

EarlyStoppingOptions with_patience(int patience) {
  EarlyStoppingOptions options;
  options.enabled = true;
  options.patience = patience;
  return options;
}

TEST(EarlyStopping, WaitsAsLongAsPatienceSays) {
  EarlyStopping three(with_patience(3));
  EXPECT_EQ(three.patience_left(), 3);
  EXPECT_EQ(run(three, {1, 0.9, 0.95, 0.9, 0.8, 0.8, 0.81, 0.9, 0.1}), "bbggbggs");
  EXPECT_EQ(three.best_epoch(), 5);
  EXPECT_EQ(three.best(), 0.8);
  EXPECT_EQ(three.patience_left(), 0);
  EXPECT_EQ(three.reason(), "validation loss has not improved for 3 epochs; the best was epoch 5");

  EarlyStopping none(with_patience(0));  // Keras: the first epoch without improvement ends it, as with 1
  EXPECT_EQ(none.patience_left(), 1);
  EXPECT_EQ(run(none, {1, 0.5, 0.5, 0.4}), "bbs");
  EXPECT_EQ(none.reason(), "validation loss has not improved for 1 epoch; the best was epoch 2");
}

TEST(EarlyStopping, SmallChangesAreNoImprovement) {
  EarlyStoppingOptions options = with_patience(2);
  options.min_delta = 0.1;
  EarlyStopping stopping(options);
  EXPECT_EQ(run(stopping, {1, 0.95, 0.85, 0.84, 0.8}), "bgbgs");
  EXPECT_EQ(stopping.best_epoch(), 3);
}

TEST(EarlyStopping, DoesNotWatchTheFirstEpochs) {
  EarlyStoppingOptions options = with_patience(1);
  options.start_from_epoch = 2;
  EarlyStopping stopping(options);
  EXPECT_EQ(run(stopping, {0.1, 0.2, 0.5, 0.4, 0.45}), "ggbbs");
  EXPECT_EQ(stopping.best_epoch(), 4);
}

TEST(EarlyStopping, AccuracyIsBetterWhenItRises) {
  EarlyStoppingOptions options = with_patience(2);
  options.monitor = Monitor::validationAccuracy;
  EarlyStopping stopping(options);
  std::string verdicts;
  int epoch = 0;
  for (double accuracy : {0.5, 0.7, 0.7, 0.6})
    verdicts += std::to_string(static_cast<int>(stopping.epoch_ended(++epoch, 9, accuracy)));
  EXPECT_EQ(verdicts, "1102");
  EXPECT_EQ(stopping.best_epoch(), 2);
  EXPECT_EQ(stopping.reason(), "validation accuracy has not improved for 2 epochs; the best was epoch 2");
}

TEST(EarlyStopping, KnowsTheBestEpochWithoutEverStopping) {
  EarlyStopping stopping(EarlyStoppingOptions{});
  EXPECT_EQ(run(stopping, {1, 2, 3, 4, 0.5, 6}), "bgggbg");
  EXPECT_EQ(stopping.best_epoch(), 5);
  EXPECT_EQ(stopping.patience_left(), -1);
}

TEST(EarlyStopping, WhatIsNotANumberNeverImproves) {
  EarlyStopping stopping(with_patience(2));
  EXPECT_EQ(run(stopping, {std::nan(""), 1, HUGE_VAL, std::nan("")}), "gbgs");
  EarlyStopping never(with_patience(2));
  EXPECT_EQ(run(never, {std::nan(""), std::nan("")}), "gs");
  EXPECT_EQ(never.best_epoch(), 0);
  EXPECT_EQ(never.reason(), "validation loss has not improved for 2 epochs");
}

TEST(EarlyStopping, GoesOnFromItsState) {
  EarlyStopping first(with_patience(3)), second(with_patience(3));
  run(first, {1, 0.5, 0.6});
  second.restore(first.state());
  EXPECT_EQ(second.patience_left(), 2);
  EXPECT_EQ(second.epoch_ended(4, 0.55, 0), Verdict::go_on);
  EXPECT_EQ(second.epoch_ended(5, 0.5, 0), Verdict::stop);
  EXPECT_EQ(second.best_epoch(), 2);
}

}  // namespace trainground::early_stopping_test

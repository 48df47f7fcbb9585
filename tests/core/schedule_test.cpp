#include "schedule.h"

#include "experiment_file.h"
#include "golden.h"
#include "power.h"

namespace trainground::schedule_test {

TEST(Schedule, EpochByEpochItIsPyTorchs) {
  for (const Json& one : golden("schedules.json")) {
    SCOPED_TRACE(text(one["schedule"]));
    const ParsedExperiment parsed = parse_experiment(experiment_with("learningRateSchedule", one["schedule"]));
    ASSERT_TRUE(parsed.problems.empty());
    const int epochs = one["epochs"].get<int>();
    ScheduleOptions options = parsed.experiment.schedule;
    Schedule schedule(options, one["learningRate"].get<double>(), epochs);
    options.warmup_epochs = 3;
    Schedule warmed(options, one["learningRate"].get<double>(), epochs + 3);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      const double expected = one["rates"][epoch].get<double>();
      EXPECT_NEAR(schedule.rate(epoch, 0, 7), expected, 1e-13);
      EXPECT_NEAR(warmed.rate(epoch + 3, 0, 7), expected, 1e-13);
    }
  }
}

TEST(Schedule, CosineFallsWithinTheEpochAndEndsAtItsMinimum) {
  ScheduleOptions options;
  options.type = ScheduleType::cosine;
  options.minimum = 0.01;
  const Schedule schedule(options, 0.3, 2);
  EXPECT_NEAR(schedule.rate(0, 5, 10), 0.01 + 0.29 * (1 + std::cos(M_PI / 4)) / 2, 1e-14);
  EXPECT_NEAR(schedule.rate(2, 0, 10), 0.01, 1e-14);
  options.minimum = 1;  // above the rate: the rate stays
  EXPECT_NEAR(Schedule(options, 0.3, 2).rate(1, 5, 10), 0.3, 1e-14);
}

TEST(Schedule, WarmsUpInAStraightLine) {
  ScheduleOptions options;
  options.warmup_epochs = 2;
  const Schedule schedule(options, 0.8, 10);
  EXPECT_DOUBLE_EQ(schedule.rate(0, 0, 5), 0.08);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 1, 5), 0.56);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 4, 5), 0.8);
  EXPECT_DOUBLE_EQ(schedule.rate(2, 0, 5), 0.8);
}

TEST(Schedule, PlateausReduceTheRateAndTheirStateIsRestored) {
  ScheduleOptions options;
  options.type = ScheduleType::reduceOnPlateau;
  options.patience = 2;
  options.factor = 0.5;
  options.minimum = 0.15;
  options.min_delta = 0.1;
  Schedule schedule(options, 0.4, 100);
  const double losses[] = {1, 0.95, 0.8, 0.75, std::nan(""), 0.72, 0.71, 0.705, 0.5};
  const double rates[] = {0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.15, 0.15, 0.15};
  for (int epoch = 0; epoch < 9; ++epoch) {
    if (epoch == 3) {
      Schedule other(options, 0.4, 100);
      other.restore(schedule.state());
      schedule = other;
    }
    schedule.epoch_ended(losses[epoch]);
    EXPECT_DOUBLE_EQ(schedule.rate(epoch, 0, 10), rates[epoch]) << epoch;
  }
}

TEST(Schedule, PowersAndCosinesAreExactEnough) {
  for (int i = 0; i <= 100; ++i) EXPECT_NEAR(cos_pi(i / 100.0), std::cos(M_PI * i / 100.0), 1e-15);
  EXPECT_NEAR(power(0.999, 1234), std::pow(0.999, 1234), 1e-14);
  EXPECT_EQ(power(0.5, 0), 1);
  EXPECT_EQ(power(0, 3), 0);
}

}  // namespace trainground::schedule_test

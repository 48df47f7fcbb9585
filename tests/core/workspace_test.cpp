#include "workspace.h"

#include <gtest/gtest.h>

namespace trainground {
namespace {

// A workspace of 128 numbers for gradients.
struct Gradients : Workspace {
  Gradients() {
    plan_gradient(0, 0, 96), plan_gradient(0, 1, 32);
    plan_gradient(0, 0, 32), plan_gradient(1, 0, 32), plan_gradient(1, 1, 32);  // a step within which there are two
    plan_gradient(0, 1, 16), plan_gradient(1, 0, 80);                           // one within which there is a longer one
    hold_planned();
  }
  // A loop that needs a gradient and waits.
  void need(std::size_t depth, int end) {
    int* const count = &done;
    for_samples(1, 1, [=](const Samples&) { ++*count; });
    gradient_in_use(depth, end);
  }
  int done = 0;
};

TEST(Workspace, GradientsStandAtTheEndsAndThoseWithinAStepFurtherIn) {
  Gradients workspace;
  real* const low = workspace.gradient(0, 0, 20);
  EXPECT_EQ(workspace.gradient(0, 1, 30), low + 128 - 32) << "on a line of the cache";
  EXPECT_EQ(workspace.gradient(1, 0, 16), low + 32);
  EXPECT_EQ(workspace.gradient(1, 1, 48), low + 128 - 32 - 48);
  EXPECT_EQ(workspace.gradient(1, 0, 8), low + 32) << "in the place of the one before the last";
  EXPECT_EQ(workspace.gradient(0, 0, 96), low);
}

TEST(Workspace, OnlyGradientsThatWouldBeWrittenOverEndTheLoopsThatNeedThem) {
  const auto after = [](auto then) {
    Gradients workspace;
    const DepthFirst together;
    workspace.gradient(0, 0, 32), workspace.need(0, 0);
    workspace.gradient(1, 0, 64), workspace.need(1, 0);
    EXPECT_EQ(workspace.done, 0) << "the second does not touch the first";
    then(workspace);
    return workspace.done;
  };
  EXPECT_EQ(after([](Gradients& workspace) { workspace.gradient(0, 1, 32); }), 0) << "the other end is free";
  EXPECT_EQ(after([](Gradients& workspace) { workspace.gradient(0, 1, 48); }), 2)
      << "it reaches the inner one from the other end";
  EXPECT_EQ(after([](Gradients& workspace) { workspace.gradient(1, 0, 16); }), 2) << "the inner one's place";
  EXPECT_EQ(after([](Gradients& workspace) { workspace.gradient(0, 0, 16); }), 2) << "the outer one's place";
}

TEST(Workspace, WhatLoopsThatAreDoneNeededIsThereAgain) {
  Gradients workspace;
  const DepthFirst together;
  workspace.gradient(0, 0, 96), workspace.need(0, 0);
  finish_loops();
  workspace.need(1, 1);  // of another round
  workspace.gradient(0, 0, 96);
  EXPECT_EQ(workspace.done, 1);
}

}  // namespace
}  // namespace trainground

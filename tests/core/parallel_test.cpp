#include "parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace trainground::parallel_test {

TEST(Parallel, DoesEachTaskOnceForAnyNumberOfThreads) {
  for (int count : {1, 2, 3, 4, 7}) {
    set_threads(count);
    EXPECT_EQ(threads(), count);
    for (int round = 0; round < 2000; ++round) {
      const int tasks = round % 19;
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(tasks));
      parallel_for(tasks, [&](int task) { ++done[static_cast<std::size_t>(task)]; });
      for (std::atomic<int>& times : done) ASSERT_EQ(times, 1);
      if (round % 100 == 0) park_threads();
    }
  }
  set_threads(1);
}

TEST(Parallel, SlicesCoverEverythingOnceAndDependOnTheItemsAlone) {
  for (int items : {1, 2, 7, 8, 9, 31, 32, 1000}) {
    const int slices = slices_of(items);
    int next = 0;
    for (int slice = 0; slice < slices; ++slice) {
      const Range range = slice_range(slice, slices, items);
      EXPECT_EQ(range.begin, next);
      EXPECT_LT(range.begin, range.end);
      next = range.end;
    }
    EXPECT_EQ(next, items);
  }
}

}  // namespace trainground::parallel_test

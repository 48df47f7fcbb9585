// The three passes against the defining loops, on sizes that no fast path divides.
#include "kernels/convolution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/winograd.h"
#include "random.h"

namespace trainground::convolution_test {

Buffer<real> numbers(std::size_t count, std::uint64_t seed) {
  Buffer<real> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = 2 * uniform(random_block(seed, Stream::points, 0, 0, static_cast<std::uint32_t>(i))[0]) - 1;
  }
  return values;
}

// Largest difference over largest value.
double difference(const Buffer<real>& a, const Buffer<real>& b) {
  double worst = 0, size = 1e-30;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::fabs(static_cast<double>(a[i]) - b[i]));
    size = std::max(size, std::fabs(static_cast<double>(b[i])));
  }
  return worst / size;
}

constexpr double kExact = sizeof(real) == 4 ? 3e-6 : 1e-13;

struct Row {
  int samples;
  Shape input;
  int filters, kernel, stride;
  Padding padding;
};

const Row kRows[] = {
    {3, {4, 6, 32}, 9, 1, 1, kSame},
    {2, {4, 5, 64}, 32, 1, 1, kSame},
    {2, {2, 2, 12}, 128, 1, 1, kValid},
    {1, {5, 5, 20}, 48, 1, 1, kSame},
    {1, {3, 5, 64}, 8, 1, 1, kSame},
    {1, {1, 1, 1}, 1, 1, 1, kValid},
    {2, {3, 3, 1}, 1, 3, 1, kValid},
    {9, {7, 5, 3}, 5, 3, 1, kSame},
    {3, {11, 13, 7}, 17, 3, 1, kSame},
    {2, {9, 9, 48}, 10, 3, 1, kSame},
    {1, {14, 14, 67}, 9, 3, 1, kSame},
    {2, {8, 7, 5}, 3, 2, 1, kSame},
    {5, {10, 7, 2}, 6, 5, 1, kValid},
    {2, {12, 11, 4}, 16, 7, 2, kSame},
    {3, {9, 10, 6}, 8, 3, 2, kSame},
    {2, {10, 11, 3}, 7, 3, 3, kSame},
    {2, {9, 9, 4}, 5, 2, 3, kValid},
    {4, {13, 6, 33}, 31, 1, 1, kSame},
    {2, {7, 7, 5}, 4, 1, 3, kValid},
    {17, {5, 5, 2}, 2, 3, 1, kSame},
    {32, {5, 4, 3}, 9, 3, 1, kSame},
    {64, {6, 5, 2}, 5, 3, 2, kSame},
    {3, {7, 8, 5}, 9, 3, 2, {false, 0, 1, 0, 1}},
    {2, {5, 4, 3}, 5, 3, 1, {false, 4, 0, 5, 3}},
    {5, {6, 7, 4}, 8, 4, 3, {false, 0, 3, 2, 1}},
    {2, {4, 4, 8}, 8, 1, 2, {false, 1, 2, 3, 0}},
    {3, {16, 12, 8}, 32, 3, 2, kSame},
    {1, {7, 7, 48}, 24, 1, 1, kSame},
    {8, {7, 7, 12}, 16, 1, 1, kSame},
    {1, {3, 3, 420}, 8, 1, 1, kSame},
    {1, {2, 3, 5}, 16, 1, 1, kSame},
    {5, {1, 5, 12}, 8, 1, 1, kSame},
    {3, {6, 6, 12}, 16, 2, 2, kSame},
};

void expect_follows_the_defining_loops(const Row& row, bool winograd, double tolerance) {
  const ConvolutionShape shape = ConvolutionShape::of(row.input, row.filters, row.kernel, row.stride, row.padding);
  SCOPED_TRACE(testing::Message() << row.samples << " x " << row.input.height << "x" << row.input.width << "x"
                                  << row.input.channels << " -> " << row.filters << ", " << row.kernel << "x" << row.kernel
                                  << " / " << row.stride);
  const int samples = row.samples;
  const Buffer<real> x = numbers(static_cast<std::size_t>(samples) * row.input.size(), 1);
  const Buffer<real> w = numbers(static_cast<std::size_t>(shape.taps()) * row.filters, 2), bias = numbers(row.filters, 3);
  const Buffer<real> dy = numbers(static_cast<std::size_t>(samples) * shape.output.size(), 4);
  const ConvolutionScratch needed = (winograd ? winograd_scratch : convolution_scratch)(shape, samples);
  Buffer<real> scratch(needed.data + 1, 99), weights_scratch(needed.weights + 1, 99);

  Buffer<real> y(dy.size(), -77), expected_y(dy.size());
  Epilogue epilogue;
  epilogue.bias = bias.data();
  const auto convolve = [=](auto... arguments) { winograd ? winograd_convolution(arguments...) : convolution(arguments...); };
  convolve(shape, samples, x.data(), w.data(), y.data(), epilogue, scratch.data());
  plain_convolution(shape, samples, x.data(), w.data(), bias.data(), expected_y.data());
  EXPECT_LT(difference(y, expected_y), tolerance);
  epilogue.low = 0, epilogue.high = 6;
  convolve(shape, samples, x.data(), w.data(), y.data(), epilogue, scratch.data());
  for (real& v : expected_y) v = std::min<real>(6, std::max<real>(0, v));
  EXPECT_LT(difference(y, expected_y), 2 * tolerance);

  Buffer<real> dx(x.size(), -77), expected_dx(x.size());
  (winograd ? winograd_input_gradient : convolution_input_gradient)(shape, samples, dy.data(), w.data(), dx.data(),
                                                                    scratch.data());
  plain_convolution_input_gradient(shape, samples, dy.data(), w.data(), expected_dx.data());
  EXPECT_LT(difference(dx, expected_dx), tolerance);

  Buffer<real> dw(w.size(), -77), expected_dw(w.size());
  const auto weight_gradient = [=](auto... arguments) {
    winograd ? winograd_weight_gradient(arguments...) : convolution_weight_gradient(arguments...);
  };
  weight_gradient(shape, samples, x.data(), dy.data(), dw.data(), weights_scratch.data());
  plain_convolution_weight_gradient(shape, samples, x.data(), dy.data(), expected_dw.data());
  EXPECT_LT(difference(dw, expected_dw), tolerance);
  EXPECT_EQ(scratch.back(), 99) << "scratch is too small";
  EXPECT_EQ(weights_scratch.back(), 99) << "scratch of the weight gradient is too small";
}

TEST(Convolution, FollowsTheDefiningLoops) {
  for (const Row& row : kRows) expect_follows_the_defining_loops(row, false, kExact);
}

// Few pictures go another way than many, and to the same bits: a prediction alone is that of its batch.
TEST(Convolution, AFewPicturesHaveTheBitsOfMany) {
  for (const Row& row : kRows) {
    constexpr int kMany = 9;
    const ConvolutionShape shape = ConvolutionShape::of(row.input, row.filters, row.kernel, row.stride, row.padding);
    const Buffer<real> x = numbers(std::size_t{kMany} * row.input.size(), 1);
    const Buffer<real> w = numbers(static_cast<std::size_t>(shape.taps()) * row.filters, 2), bias = numbers(row.filters, 3);
    const auto outputs = [&](int samples) {
      Buffer<real> y(static_cast<std::size_t>(samples) * shape.output.size());
      Buffer<real> scratch(convolution_scratch(shape, samples).data);
      Epilogue epilogue;
      epilogue.bias = bias.data(), epilogue.low = 0;
      convolution(shape, samples, x.data(), w.data(), y.data(), epilogue, scratch.data());
      return y;
    };
    const Buffer<real> many = outputs(kMany);
    for (int few : {1, 3, 7}) {
      for (int threads : {1, 2}) {
        set_threads(threads);
        const Buffer<real> y = outputs(few);
        EXPECT_EQ(0, std::memcmp(y.data(), many.data(), y.size() * sizeof(real)))
            << few << ", filter " << row.kernel << "x" << row.kernel << ", threads " << threads;
      }
      set_threads(1);
    }
  }
}

// Winograd's tiles against sizes that they do not divide, also those for which the layer would not choose it.
TEST(Winograd, FollowsTheDefiningLoops) {
  const Row rows[] = {{1, {4, 4, 1}, 1, 3, 1, kSame},
                      {2, {3, 3, 5}, 3, 3, 1, kValid},
                      {3, {7, 5, 8}, 9, 3, 1, kSame},
                      {2, {11, 14, 12}, 8, 3, 1, kSame},
                      {1, {8, 8, 33}, 17, 3, 1, kValid},
                      {5, {9, 13, 16}, 31, 3, 1, kSame},
                      {1, {6, 6, 67}, 11, 3, 1, kSame},
                      {2, {5, 7, 130}, 5, 3, 1, kSame},
                      {1, {5, 4, 9}, 260, 3, 1, kSame},
                      {9, {16, 16, 8}, 8, 3, 1, kSame},
                      {70, {4, 4, 3}, 2, 3, 1, kSame},
                      {32, {9, 9, 4}, 3, 3, 1, kSame},
                      {1, {5, 39, 6}, 7, 3, 1, kSame},  // more tiles in a row than go together
                      {2, {6, 70, 9}, 8, 3, 1, {false, 1, 2, 3, 0}},
                      {2, {6, 5, 9}, 10, 3, 1, {false, 4, 0, 0, 5}}};
  for (const Row& row : rows) expect_follows_the_defining_loops(row, true, sizeof(real) == 4 ? 2e-5 : 1e-12);
}

TEST(Winograd, IsChosenWhereItSavesProducts) {
  const auto suits = [](int size, int channels, int kernel, int stride) {
    return winograd_suits(ConvolutionShape::of({size, size, channels}, 32, kernel, stride, kSame));
  };
  EXPECT_TRUE(suits(28, 32, 3, 1));
  EXPECT_TRUE(suits(4, 8, 3, 1));
  EXPECT_FALSE(suits(28, 3, 3, 1));
  EXPECT_FALSE(suits(28, 32, 5, 1));
  EXPECT_FALSE(suits(28, 32, 3, 2));
  EXPECT_FALSE(suits(1, 32, 3, 1));
}

}  // namespace trainground::convolution_test

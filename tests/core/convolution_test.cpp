// The three passes against the defining loops, on sizes that no fast path divides.
#include "kernels/convolution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "random.h"

namespace trainground {
namespace {

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
  bool same;
};

const Row kRows[] = {
    {1, {1, 1, 1}, 1, 1, 1, false},   {2, {3, 3, 1}, 1, 3, 1, false},  {9, {7, 5, 3}, 5, 3, 1, true},
    {3, {11, 13, 7}, 17, 3, 1, true}, {2, {9, 9, 48}, 10, 3, 1, true}, {1, {14, 14, 67}, 9, 3, 1, true},
    {2, {8, 7, 5}, 3, 2, 1, true},    {5, {10, 7, 2}, 6, 5, 1, false}, {2, {12, 11, 4}, 16, 7, 2, true},
    {3, {9, 10, 6}, 8, 3, 2, true},   {2, {10, 11, 3}, 7, 3, 3, true}, {2, {9, 9, 4}, 5, 2, 3, false},
    {4, {13, 6, 33}, 31, 1, 1, true}, {2, {7, 7, 5}, 4, 1, 3, false},  {17, {5, 5, 2}, 2, 3, 1, true},
};

TEST(Convolution, FollowsTheDefiningLoops) {
  for (const Row& row : kRows) {
    const ConvolutionShape shape = ConvolutionShape::of(row.input, row.filters, row.kernel, row.stride, row.same);
    SCOPED_TRACE(testing::Message() << row.samples << " x " << row.input.height << "x" << row.input.width << "x"
                                    << row.input.channels << " -> " << row.filters << ", " << row.kernel << "x" << row.kernel
                                    << " / " << row.stride);
    const Buffer<real> x = numbers(static_cast<std::size_t>(row.samples) * row.input.size(), 1);
    const Buffer<real> w = numbers(static_cast<std::size_t>(shape.taps()) * row.filters, 2), bias = numbers(row.filters, 3);
    const Buffer<real> dy = numbers(static_cast<std::size_t>(row.samples) * shape.output.size(), 4);
    Buffer<real> scratch(convolution_scratch(shape, row.samples) + 1, 99);

    Buffer<real> y(dy.size()), expected_y(dy.size());
    Epilogue epilogue;
    epilogue.bias = bias.data();
    convolution(shape, row.samples, x.data(), w.data(), y.data(), epilogue, scratch.data());
    plain_convolution(shape, row.samples, x.data(), w.data(), bias.data(), expected_y.data());
    EXPECT_LT(difference(y, expected_y), kExact);

    Buffer<real> dx(x.size(), -77), expected_dx(x.size());
    convolution_input_gradient(shape, row.samples, dy.data(), w.data(), dx.data(), scratch.data());
    plain_convolution_input_gradient(shape, row.samples, dy.data(), w.data(), expected_dx.data());
    EXPECT_LT(difference(dx, expected_dx), kExact);

    Buffer<real> dw(w.size(), -77), expected_dw(w.size());
    convolution_weight_gradient(shape, row.samples, x.data(), dy.data(), dw.data(), scratch.data());
    plain_convolution_weight_gradient(shape, row.samples, x.data(), dy.data(), expected_dw.data());
    EXPECT_LT(difference(dw, expected_dw), kExact);
    EXPECT_EQ(scratch.back(), 99) << "scratch is too small";
  }
}

}  // namespace
}  // namespace trainground

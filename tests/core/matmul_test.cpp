#include "kernels/matmul.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cstring>

#include "parallel.h"
#include "random.h"

namespace trainground::matmul_test {

Buffer<real> numbers(std::size_t count, std::uint64_t seed) {
  Buffer<real> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = 2 * uniform(random_block(seed, Stream::points, 0, 0, static_cast<std::uint32_t>(i))[0]) - 1;
  }
  return values;
}

enum class Product { ab, atb, abt };

Buffer<real> product(Product kind, int m, int n, int k, const real* a, const real* b, const Epilogue& epilogue = {}) {
  // One number more on each side: it must stay as it was.
  Buffer<real> c(static_cast<std::size_t>(m) * n + 2, 77), scratch(matmul_scratch(m, n, k) + 1, 99);
  real* out = c.data() + 1;
  if (kind == Product::ab) matmul(m, n, k, a, b, out, epilogue, scratch.data());
  if (kind == Product::atb) matmul_transposed_a(m, n, k, a, b, out, scratch.data());
  if (kind == Product::abt) matmul_transposed_b(m, n, k, a, b, out, scratch.data());
  EXPECT_EQ(c.front(), 77);
  EXPECT_EQ(c.back(), 77);
  EXPECT_EQ(scratch.back(), 99) << "scratch is too small";
  return {c.begin() + 1, c.end() - 1};
}

Buffer<real> plain(Product kind, int m, int n, int k, const real* a, const real* b) {
  Buffer<real> c(static_cast<std::size_t>(m) * n);
  if (kind == Product::ab) plain_matmul(m, n, k, a, b, c.data(), {});
  if (kind == Product::atb) plain_matmul_transposed_a(m, n, k, a, b, c.data());
  if (kind == Product::abt) plain_matmul_transposed_b(m, n, k, a, b, c.data());
  return c;
}

Buffer<real> by_eigen(Product kind, int m, int n, int k, const real* a, const real* b) {
  using Matrix = Eigen::Matrix<real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto in = [](const real* x, int rows, int columns) {
    return Eigen::Map<const Eigen::Matrix<real, -1, -1, Eigen::RowMajor>>(x, rows, columns).template cast<double>().eval();
  };
  Matrix c;
  if (kind == Product::ab) c = (in(a, m, k) * in(b, k, n)).cast<real>();
  if (kind == Product::atb) c = (in(a, k, m).transpose() * in(b, k, n)).cast<real>();
  if (kind == Product::abt) c = (in(a, m, k) * in(b, n, k).transpose()).cast<real>();
  return {c.data(), c.data() + c.size()};
}

double largest_difference(const Buffer<real>& a, const Buffer<real>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::fabs(static_cast<double>(a[i]) - b[i]));
  return worst;
}

constexpr Product kProducts[] = {Product::ab, Product::atb, Product::abt};
constexpr double kExact = sizeof(real) == 4 ? 1e-6 : 1e-14;

TEST(Matmul, FollowsThePlainLoopAndEigenOnOddSizes) {
  const int sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 11, 17, 33};
  for (int m : sizes) {
    for (int n : sizes) {
      for (int k : sizes) {
        const Buffer<real> a = numbers(static_cast<std::size_t>(m) * k, 1), b = numbers(static_cast<std::size_t>(k) * n, 2);
        for (Product kind : kProducts) {
          const Buffer<real> c = product(kind, m, n, k, a.data(), b.data());
          ASSERT_LT(largest_difference(c, plain(kind, m, n, k, a.data(), b.data())), kExact * k) << m << " " << n << " " << k;
          ASSERT_LT(largest_difference(c, by_eigen(kind, m, n, k, a.data(), b.data())), kExact * k) << m << " " << n << " " << k;
        }
      }
    }
  }
}

TEST(Matmul, FollowsEigenOnLongSumsAndTheSizesOfNetworks) {
  const int sizes[][3] = {{64, 128, 784}, {128, 10, 256}, {1, 128, 784}, {3, 37, 1201},
                          {131, 67, 401}, {40, 10, 9},    {7, 512, 809}, {70, 523, 64}};
  for (const auto& [m, n, k] : sizes) {
    const Buffer<real> a = numbers(static_cast<std::size_t>(m) * k, 3), b = numbers(static_cast<std::size_t>(k) * n, 4);
    for (Product kind : kProducts) {
      const Buffer<real> c = product(kind, m, n, k, a.data(), b.data());
      EXPECT_LT(largest_difference(c, by_eigen(kind, m, n, k, a.data(), b.data())), kExact * k) << m << " " << n << " " << k;
    }
  }
}

TEST(Matmul, AddsTheBiasAndClamps) {
  const int n = 141, k = 9;  // several slices, the last of them ragged
  for (int m : {2, 6}) {
    const Buffer<real> a = numbers(static_cast<std::size_t>(m) * k, 5), b = numbers(static_cast<std::size_t>(k) * n, 6),
                       bias = numbers(n, 7);
    Epilogue epilogue;
    epilogue.bias = bias.data();
    epilogue.low = 0;
    epilogue.high = 1;
    const Buffer<real> c = product(Product::ab, m, n, k, a.data(), b.data(), epilogue),
                       z = plain(Product::ab, m, n, k, a.data(), b.data());
    for (std::size_t i = 0; i < c.size(); ++i) {
      EXPECT_NEAR(c[i], std::min<real>(1, std::max<real>(0, z[i] + bias[i % n])), kExact * k);
    }
  }
}

TEST(Matmul, GivesTheSameBitsForAnyNumberOfThreads) {
  const int n = 203, k = 803;
  for (int m : {1, 37}) {
    const Buffer<real> a = numbers(static_cast<std::size_t>(m) * k, 8), b = numbers(static_cast<std::size_t>(k) * n, 9);
    for (Product kind : kProducts) {
      const Buffer<real> one = product(kind, m, n, k, a.data(), b.data());
      for (int count : {2, 4}) {
        set_threads(count);
        const Buffer<real> many = product(kind, m, n, k, a.data(), b.data());
        set_threads(1);
        EXPECT_EQ(std::memcmp(one.data(), many.data(), one.size() * sizeof(real)), 0);
      }
    }
  }
}

TEST(Matmul, AddsRows) {
  const int rows = 1003, columns = 7;
  const Buffer<real> x = numbers(static_cast<std::size_t>(rows) * columns, 10);
  Buffer<real> sums(columns, 3);
  add_rows(rows, columns, x.data(), sums.data());
  for (int j = 0; j < columns; ++j) {
    double expected = 3;
    for (int i = 0; i < rows; ++i) expected += x[static_cast<std::size_t>(i) * columns + j];
    EXPECT_NEAR(sums[j], expected, kExact * rows);
  }
}

}  // namespace trainground::matmul_test

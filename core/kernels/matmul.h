// The three products that a dense layer needs: A B, A' B and A B'. All arrays are contiguous, rows first.
//
// Float32 runs on the 4x8 tile of microkernel.h; the float64 twin asks Eigen. The plain loops are what both are tested against.
// Each element of C is summed by one thread, in an order that depends on the sizes alone.
#pragma once

#include <cstddef>
#include <limits>

#include "../tensor.h"

namespace trainground {

// What happens to a sum on its way to memory: + bias[column], then a clamp, which is relu (0, inf) and relu6 (0, 6).
struct Epilogue {
  const real* bias = nullptr;
  real low = -std::numeric_limits<real>::infinity(), high = std::numeric_limits<real>::infinity();
  bool clamps() const { return low > -std::numeric_limits<real>::infinity(); }
};

// y (rows,columns), `stride` apart, in place.
void finish_rows(int rows, int columns, real* y, std::ptrdiff_t stride, const Epilogue& epilogue);

// Numbers of scratch memory that any of the three products of this size may use.
std::size_t matmul_scratch(int m, int n, int k);

// c (m,n) = a (m,k) b (k,n)
void matmul(int m, int n, int k, const real* a, const real* b, real* c, const Epilogue& epilogue, real* scratch);
// c (m,n) = a (k,m)' b (k,n)
void matmul_transposed_a(int m, int n, int k, const real* a, const real* b, real* c, real* scratch);
// c (m,n) = a (m,k) b (n,k)'
void matmul_transposed_b(int m, int n, int k, const real* a, const real* b, real* c, real* scratch);

// sums[column] += the sum of x (rows,columns) over its rows.
void add_rows(int rows, int columns, const real* x, real* sums);

void plain_matmul(int m, int n, int k, const real* a, const real* b, real* c, const Epilogue& epilogue);
void plain_matmul_transposed_a(int m, int n, int k, const real* a, const real* b, real* c);
void plain_matmul_transposed_b(int m, int n, int k, const real* a, const real* b, real* c);

}  // namespace trainground

// The words that everything else uses: the number type, the shape of one sample, aligned storage, and a trainable parameter.
//
// `real` is float in the product and double in the twin that checks gradients: precision is a build, not a template.
// There is deliberately no tensor class with operators: kernels take pointers and shapes, so that every copy can be seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

namespace trainground {

#ifdef TRAINGROUND_FLOAT64
using real = double;
#else
using real = float;
#endif

// One sample: (H,W,C), channels fastest. A vector of D numbers is (1,1,D).
struct Shape {
  int height = 1, width = 1, channels = 1;
  int size() const { return height * width * channels; }
  bool operator==(const Shape&) const = default;
};

// What stands around a picture that a window of a convolution or a pool may hang over: so many rows and columns; or as many as
// Keras's and ONNX's "same" takes, ceil(side / stride) windows, what cannot be shared out evenly behind.
struct Padding {
  bool same = false;
  int top = 0, bottom = 0, left = 0, right = 0;
  bool operator==(const Padding&) const = default;
};
inline constexpr Padding kValid{}, kSame{.same = true};

// Starts every array on a cache line, so that 16-byte vectors never straddle two.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kAlignment)); }
  void deallocate(T* pointer, std::size_t) { ::operator delete(pointer, kAlignment); }
  template <class U>
  bool operator==(const CacheLineAllocator<U>&) const {
    return true;
  }
};

template <class T>
using Buffer = std::vector<T, CacheLineAllocator<T>>;

inline void grow(Buffer<real>& numbers, std::size_t count) {
  if (numbers.size() < count) numbers.resize(count);
}

// Places begin .. end-1 of an array of numbers.
struct IndexRange {
  std::size_t begin = 0, end = 0;
};

enum class Initializer;  // experiment.h names them

// A weight, a bias, or a moving statistic of one layer. The layer describes it; the network gives it its place in the arenas of
// values and gradients (one array each for the whole network), so that the optimizer is one loop over contiguous memory.
struct Parameter {
  std::string name;              // as PyTorch calls it within the layer: weight, bias, running_mean, running_var
  std::vector<int> shape;        // as stored here: dense (in,out), convolution (kh,kw,in,out), depthwise (kh,kw,C)
  std::vector<int> order;        // axes of `shape` in PyTorch's order; empty = as they stand
  std::vector<int> torch_shape;  // PyTorch's shape once the axes stand in that order
  int fan_in = 0, fan_out = 0;   // for initializers; 0 for what is not a kernel
  Initializer initializer{};     // of a kernel
  bool learned = true;           // false: a moving statistic, saved with the weights but never touched by the optimizer
  bool kernel = false;           // true: penalised by l1 and l2
  bool trainable = true;         // false: frozen
  double l1 = 0, l2 = 0;         // its own penalty; the experiment's where the layer gives none

  real* value = nullptr;
  real* gradient = nullptr;  // overwritten by each backward pass; null for what does not learn

  std::size_t count() const {
    std::size_t n = 1;
    for (int d : shape) n *= static_cast<std::size_t>(d);
    return n;
  }
};

}  // namespace trainground

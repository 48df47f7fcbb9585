// safetensors, in and out: 8 bytes of header length, a JSON header, then the tensors' bytes (github.com/huggingface/safetensors).
//
// The reader is as strict as the reference: a header of at most 100 MB, no name twice, every byte of the data owned by exactly
// one tensor, sizes that fit shapes. What fails comes back as problems; nothing is guessed. The writer is deterministic: the same
// tensors in the same order give the same bytes, so the file's SHA-256 names the weights. A tensor of a type that nothing here
// can read (F8_E4M3, C64, or what the format may yet get) is there with its name, its shape and its bytes: whether it is wanted
// is the caller's to say.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiment.h"
#include "tensor.h"

namespace trainground {

// BOOL is a byte of 0 or 1; F16 is IEEE's half precision, BF16 the upper half of an F32.
enum class Dtype { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64, other };
std::size_t size_of(Dtype dtype);  // 1 of other
inline bool is_float(Dtype dtype) { return dtype >= Dtype::f16 && dtype <= Dtype::f64; }
inline bool is_integer(Dtype dtype) { return dtype < Dtype::f16; }

// One tensor of a file: its values stay where they are, little-endian and perhaps unaligned.
struct StoredTensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::uint8_t> data;
  std::string other{};  // the type's word in the file, where dtype is `other`

  std::string type() const;  // as in the file: "F32"
  std::size_t count() const { return data.size() / size_of(dtype); }
  double number(std::size_t index) const;         // of any type but other; of 64-bit integers the nearest
  std::int64_t integer(std::size_t index) const;  // of a type of integers; what is larger than any is the largest
  float f32(std::size_t index) const { return static_cast<float>(number(index)); }
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct ParsedSafetensors {
  std::vector<StoredTensor> tensors;  // in the order of their data
  Metadata metadata;
  std::vector<Problem> problems;

  const StoredTensor* find(const std::string& name) const;
};

// `bytes` must outlive the result. `path` is what the problems call the file.
ParsedSafetensors read_safetensors(std::span<const std::uint8_t> bytes, const std::string& path = "weights");

// The start of a file of these tensors, in the order given, up to their values, which it does not look at; padded with spaces so
// that they begin on a multiple of 8.
std::vector<std::uint8_t> safetensors_header(std::span<const StoredTensor> tensors, const Metadata& metadata = {});
// The whole file.
std::vector<std::uint8_t> write_safetensors(std::span<const StoredTensor> tensors, const Metadata& metadata = {});

// A parameter's values in PyTorch's layout (Parameter::order, then torch_shape), and back.
std::vector<float> torch_values(const Parameter& parameter, const real* stored);
// The same in pieces of some kB, for whom a copy of the whole tensor is too much.
void for_each_torch_piece(const Parameter& parameter, const real* stored,
                          const std::function<void(std::span<const std::uint8_t>)>& take);
void set_torch_values(const Parameter& parameter, std::span<const float> torch, real* stored);
std::vector<std::int64_t> torch_shape_of(const Parameter& parameter);

}  // namespace trainground

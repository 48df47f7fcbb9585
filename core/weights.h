// A network's weights as a safetensors file, with PyTorch's names and layouts: layers.<index>.weight, bias, running_mean,
// running_var.
//
// A dense layer behind a flatten has its columns in (C,H,W) order there, so that the same network in PyTorch gives the same
// logits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "network.h"
#include "problem.h"

namespace trainground {

// The same network always gives the same bytes; their SHA-256 is a run's signature.
std::vector<std::uint8_t> write_weights(const Network& network);
std::string weights_sha256(const Network& network);  // of that file, which is not written for it

// A tensor's name and PyTorch's shape.
struct TensorPlace {
  std::string name;
  std::vector<std::int64_t> shape;
};

// Both readers take numbers of any type that float32 has room for: F16 and BF16 as they are, F64 rounded, integers up to 2^24.
// What they do not take is of no concern to them, whatever its type; PyTorch's num_batches_tracked is not even told.

struct LoadedWeights {
  std::vector<TensorPlace> unused;  // of the file: no such name in the network
  std::vector<Problem> problems;    // then the network is unchanged
};

// Takes every tensor of the network from the file.
LoadedWeights load_weights(std::span<const std::uint8_t> file, Network& network);

// What transfer learning did with each tensor of the network and of the file.
struct Transfer {
  std::vector<TensorPlace> taken;  // begin with the file's values
  struct Kept : TensorPlace {
    std::optional<std::vector<std::int64_t>> stored;  // the shape that the file has under this name
    bool frozen = false;                              // so it stays at its initial values to the end
  };
  std::vector<Kept> kept;           // begin as their initializers say
  std::vector<TensorPlace> unused;  // of the file: no such name in the network, or another shape
  std::vector<Problem> problems;    // then the network is unchanged
};

// Takes what fits by name and shape; that nothing fits is a problem. The file may be of a network with fewer or other layers.
Transfer transfer_weights(std::span<const std::uint8_t> file, Network& network);

}  // namespace trainground

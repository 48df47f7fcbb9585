// A network's weights as a safetensors file, with PyTorch's names and layouts: layers.<index>.weight, bias, running_mean,
// running_var.
//
// A dense layer behind a flatten has its columns in (C,H,W) order there, so that the same network in PyTorch gives the same
// logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "network.h"
#include "problem.h"

namespace trainground {

// The same network always gives the same bytes; their SHA-256 is a run's signature.
std::vector<std::uint8_t> write_weights(const Network& network);

// Takes every tensor of the network from the file, which may hold nothing else. With any problem the network is unchanged.
std::vector<Problem> load_weights(std::span<const std::uint8_t> file, Network& network);

}  // namespace trainground

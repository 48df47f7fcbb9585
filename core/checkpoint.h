// Everything that the rest of a run depends on, in one safetensors file: weights, the optimizer's state, both snapshots, history,
// and where the run stands. Random numbers need no entry, since they have no state.
//
// A run that goes on from its checkpoint ends with the weights of the uninterrupted one, bit for bit. A checkpoint belongs to its
// experiment and data: any other is refused. Only `epochs` may differ, so that a finished run can be made longer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "training.h"

namespace trainground {

// `experiment` is the normalized file that the run was opened with.
std::vector<std::uint8_t> write_checkpoint(Training& training, const std::string& experiment);

// With any problem the run is unchanged.
std::vector<Problem> read_checkpoint(std::span<const std::uint8_t> file, const std::string& experiment, Training& training);

}  // namespace trainground

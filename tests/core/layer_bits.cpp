// Prints, for every row of layer_cases.h, a number made of all bits that forward and backward left: outputs, gradients,
// statistics. The same program built natively and for wasm must print the same (tests/wasm/kernels.test.js compares).
#include <cstdio>
#include <cstring>

#include "layer_cases.h"

using namespace trainground;

namespace {

// FNV-1a, 64 bits.
void mix(std::uint64_t& hash, const Buffer<real>& values) {
  for (real value : values) {
    unsigned char bytes[sizeof(real)];
    std::memcpy(bytes, &value, sizeof(real));
    for (unsigned char byte : bytes) hash = (hash ^ byte) * 1099511628211u;
  }
}

}  // namespace

int main() {
  for (const LayerCase& row : layer_cases()) {
    LayerRun run(row);
    run.forward();
    run.backward();
    std::uint64_t hash = 14695981039346656037u;
    mix(hash, run.y);
    mix(hash, run.dx);
    for (const Buffer<real>& gradient : run.gradients) mix(hash, gradient);
    for (const Buffer<real>& value : run.values) mix(hash, value);
    std::printf("%016llx %s\n", static_cast<unsigned long long>(hash), row.name.c_str());
  }
}

// The fuzzer: build with clang and -DTRAINGROUND_FUZZ=ON, then build/fuzz/read_any -max_total_time=300 CORPUS_FOLDER
#include "read_any.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string fault = trainground::fault_of_reading({data, size});
  if (!fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
  return 0;
}

// libFuzzer starts from good files rather than from nothing: one in 16 mutations begins with one of them.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const std::vector<std::vector<std::uint8_t>> kGood = trainground::good_inputs();
  const std::vector<std::uint8_t>& good = kGood[seed / 16 % kGood.size()];
  if (seed % 16 == 0 && good.size() <= max_size) {
    std::copy(good.begin(), good.end(), data);
    size = good.size();
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

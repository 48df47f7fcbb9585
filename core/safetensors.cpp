#include "safetensors.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "json_text.h"

namespace trainground {
namespace {

constexpr std::uint64_t kHeaderLimit = 100'000'000;
constexpr std::size_t kMostTold = 20;  // of one file: more help nobody

// In the order of Dtype; `other` is what is not here.
constexpr const char* kTypes[] = {"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F16", "BF16", "F32", "F64"};
constexpr std::uint8_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 2, 4, 8, 1};

template <class T>
T load(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// (1 + fraction / 1024) 2^(exponent - 15); without the 1 where the exponent is 0, infinity or not a number where it is 31.
float half_precision(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float size = exponent == 31
                         ? fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN()
                     : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                     : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return bits >> 15 ? -size : size;
}

std::string in_words(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (std::int64_t side : shape) text.append(text.empty() ? "" : ",").append(std::to_string(side));
  return "(" + text + ")";
}

// The header as JSON, or the reason why not.
struct Header {
  Json json;
  std::string fault;
};

Header read_header(std::span<const std::uint8_t> text) {
  if (text.empty() || text[0] != '{') return {{}, "a header that does not begin with {"};
  std::vector<Problem> problems;
  Json json = read_json(std::string(text.begin(), text.end()), problems);
  if (problems.empty()) return {std::move(json), ""};
  const Problem& first = problems[0];
  return {
      {},
      first.path.empty() ? "a header that is not " + first.expected + ": " + first.given : first.given + " (" + first.path + ")"};
}

// [begin,end) of one entry in the data, or the reason why not.
std::string read_entry(const Json& entry, std::uint64_t data_size, StoredTensor& tensor, std::uint64_t& begin,
                       std::uint64_t& end) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) {
    return "an entry without dtype, shape and data_offsets";
  }
  const Json &dtype = entry["dtype"], &shape = entry["shape"], &offsets = entry["data_offsets"];
  if (!dtype.is_string()) return "a dtype that is no string";
  const std::string& word = dtype.text();
  tensor.dtype = static_cast<Dtype>(std::find(std::begin(kTypes), std::end(kTypes), word) - std::begin(kTypes));
  if (tensor.dtype == Dtype::other) tensor.other = word;

  if (!shape.is_array()) return "a shape that is no list";
  std::uint64_t count = 1;
  for (const Json& side : shape) {
    if (!side.is_count()) return "a shape with a side that is no whole number";
    const std::uint64_t length = side.get<std::uint64_t>();
    // One file holds less than 2^53 bytes, so this bound is no limit, and the product cannot overflow.
    if (length > (std::uint64_t{1} << 53) || (length != 0 && count > (std::uint64_t{1} << 53) / length))
      return "a shape too large";
    count *= length;
    tensor.shape.push_back(static_cast<std::int64_t>(length));
  }

  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_count() || !offsets[1].is_count()) {
    return "data_offsets that are not two whole numbers";
  }
  begin = offsets[0].get<std::uint64_t>();
  end = offsets[1].get<std::uint64_t>();
  if (begin > end || end > data_size) {
    return "offsets " + std::to_string(begin) + " to " + std::to_string(end) + " in " + std::to_string(data_size) +
           " bytes of data";
  }
  if (tensor.dtype == Dtype::other) return "";  // how long it has to be is not known
  if ((end - begin) % size_of(tensor.dtype) != 0 || (end - begin) / size_of(tensor.dtype) != count) {
    return std::to_string(end - begin) + " bytes for shape " + in_words(tensor.shape) + " of " + word;
  }
  return "";
}

}  // namespace

std::size_t size_of(Dtype dtype) { return kSizes[static_cast<int>(dtype)]; }

std::string StoredTensor::type() const { return dtype == Dtype::other ? other : kTypes[static_cast<int>(dtype)]; }

double StoredTensor::number(std::size_t index) const {
  const std::uint8_t* at = data.data() + index * size_of(dtype);
  switch (dtype) {
    case Dtype::f16:
      return static_cast<double>(half_precision(load<std::uint16_t>(at)));
    case Dtype::bf16: {
      const std::uint8_t whole[] = {0, 0, at[0], at[1]};
      return static_cast<double>(load<float>(whole));
    }
    case Dtype::f32:
      return static_cast<double>(load<float>(at));
    case Dtype::f64:
      return load<double>(at);
    default:
      return static_cast<double>(integer(index));
  }
}

std::int64_t StoredTensor::integer(std::size_t index) const {
  assert(is_integer(dtype));
  const std::uint8_t* at = data.data() + index * size_of(dtype);
  switch (dtype) {
    case Dtype::i8:
      return static_cast<std::int8_t>(*at);
    case Dtype::u16:
      return load<std::uint16_t>(at);
    case Dtype::i16:
      return load<std::int16_t>(at);
    case Dtype::u32:
      return load<std::uint32_t>(at);
    case Dtype::i32:
      return load<std::int32_t>(at);
    case Dtype::u64:
      return static_cast<std::int64_t>(std::min(load<std::uint64_t>(at), std::uint64_t{INT64_MAX}));
    case Dtype::i64:
      return load<std::int64_t>(at);
    default:
      return *at;
  }
}

const StoredTensor* ParsedSafetensors::find(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const StoredTensor& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

ParsedSafetensors read_safetensors(std::span<const std::uint8_t> bytes, const std::string& path) {
  ParsedSafetensors parsed;
  const auto refuse = [&](const std::string& expected, const std::string& given) {
    parsed.tensors.clear();
    parsed.problems.push_back({path, expected, given});
    return parsed;
  };
  if (bytes.size() < 8) return refuse("a safetensors file of at least 8 bytes", std::to_string(bytes.size()));
  const std::uint64_t header_size = load<std::uint64_t>(bytes.data());
  if (header_size > kHeaderLimit) {
    return refuse("a safetensors file with a header of at most 100 MB", std::to_string(header_size) + " bytes");
  }
  if (header_size > bytes.size() - 8) {
    return refuse("a whole safetensors file: its header takes " + std::to_string(header_size) + " bytes",
                  std::to_string(bytes.size() - 8) + " bytes after the length");
  }
  const Header header = read_header(bytes.subspan(8, header_size));
  if (!header.fault.empty()) return refuse("a safetensors file with a JSON header", header.fault);
  const std::span<const std::uint8_t> data = bytes.subspan(8 + header_size);

  // By begin and end: an empty tensor may share its place with the next, and then comes first.
  std::multimap<std::pair<std::uint64_t, std::uint64_t>, StoredTensor> placed;
  for (std::size_t i = 0; i < header.json.size(); ++i) {
    const std::string& name = header.json.key(i);
    const Json& entry = header.json[i];
    if (name == "__metadata__") {
      if (!entry.is_object()) return refuse("a safetensors file whose __metadata__ maps strings to strings", "something else");
      for (std::size_t k = 0; k < entry.size(); ++k) {
        const std::string& key = entry.key(k);
        if (!entry[k].is_string())
          return refuse("a safetensors file whose __metadata__ maps strings to strings", describe(key) + " is no string");
        parsed.metadata.emplace_back(key, entry[k].text());
      }
      continue;
    }
    StoredTensor tensor;
    tensor.name = name;
    std::uint64_t begin = 0, end = 0;
    const std::string fault = read_entry(entry, data.size(), tensor, begin, end);
    if (!fault.empty()) {
      parsed.problems.push_back({path,
                                 "a safetensors file whose tensor " + describe(name) +
                                     " has a dtype, a shape, and offsets inside the data that fit both",
                                 fault});
      if (parsed.problems.size() == kMostTold) break;
      continue;
    }
    tensor.data = data.subspan(begin, end - begin);
    placed.emplace(std::pair(begin, end), std::move(tensor));
  }
  if (!parsed.problems.empty()) return parsed;

  std::uint64_t owned = 0;
  for (auto& [place, tensor] : placed) {
    if (place.first != owned) {
      return refuse("a safetensors file whose tensors cover the data without overlap or gap",
                    describe(tensor.name) + " at byte " + std::to_string(place.first) + " where " + std::to_string(owned) +
                        " bytes are taken");
    }
    owned += tensor.data.size();
    parsed.tensors.push_back(std::move(tensor));
  }
  if (owned != data.size()) {
    return refuse("a safetensors file whose tensors cover the data without overlap or gap",
                  std::to_string(data.size() - owned) + " bytes at its end that belong to none");
  }
  return parsed;
}

std::vector<std::uint8_t> safetensors_header(std::span<const StoredTensor> tensors, const Metadata& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) {
    Json& map = header.append("__metadata__", Json::object());
    for (const auto& [key, value] : metadata) map[key] = value;
  }
  std::size_t size = 0;
  for (const StoredTensor& tensor : tensors) {
    assert(!header.contains(tensor.name));
    std::size_t bytes = size_of(tensor.dtype);
    for (const std::int64_t length : tensor.shape) bytes *= static_cast<std::size_t>(length);
    if (tensor.dtype == Dtype::other) bytes = tensor.data.size();
    header.append(
        tensor.name,
        JsonObject().add("dtype", tensor.type()).add("shape", tensor.shape).add("data_offsets", Json::list(size, size + bytes)));
    size += bytes;
  }
  std::string json = text(header);
  json.resize((json.size() + 7) / 8 * 8, ' ');

  std::vector<std::uint8_t> bytes;
  for (int shift = 0; shift < 64; shift += 8)
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(json.size()) >> shift));
  bytes.insert(bytes.end(), json.begin(), json.end());
  return bytes;
}

std::vector<std::uint8_t> write_safetensors(std::span<const StoredTensor> tensors, const Metadata& metadata) {
  std::vector<std::uint8_t> file = safetensors_header(tensors, metadata);
  std::size_t size = file.size();
  for (const StoredTensor& tensor : tensors) size += tensor.data.size();
  file.reserve(size);
  for (const StoredTensor& tensor : tensors) file.insert(file.end(), tensor.data.begin(), tensor.data.end());
  return file;
}

namespace {

// Calls visit(stored index, PyTorch index) for every value, PyTorch's in order.
template <class Visit>
void for_each_place(const Parameter& parameter, Visit visit) {
  const std::size_t axes = parameter.shape.size();
  std::vector<std::size_t> stride(axes, 1), length(axes), step(axes), at(axes, 0);
  for (std::size_t a = axes; a-- > 1;) stride[a - 1] = stride[a] * static_cast<std::size_t>(parameter.shape[a]);
  for (std::size_t a = 0; a < axes; ++a) {
    const std::size_t source = parameter.order.empty() ? a : static_cast<std::size_t>(parameter.order[a]);
    length[a] = static_cast<std::size_t>(parameter.shape[source]);
    step[a] = stride[source];
  }
  std::size_t stored = 0;
  const std::size_t count = parameter.count();
  for (std::size_t torch = 0; torch < count; ++torch) {
    visit(stored, torch);
    for (std::size_t a = axes; a-- > 0;) {
      stored += step[a];
      if (++at[a] < length[a]) break;
      stored -= step[a] * length[a];
      at[a] = 0;
    }
  }
}

}  // namespace

std::vector<float> torch_values(const Parameter& parameter, const real* stored) {
  std::vector<float> values(parameter.count());
  for_each_place(parameter, [&](std::size_t from, std::size_t to) { values[to] = static_cast<float>(stored[from]); });
  return values;
}

void for_each_torch_piece(const Parameter& parameter, const real* stored,
                          const std::function<void(std::span<const std::uint8_t>)>& take) {
  std::array<float, 4096> piece;
  std::size_t count = 0;
  const auto hand_over = [&] {
    take({reinterpret_cast<const std::uint8_t*>(piece.data()), count * sizeof(float)});
    count = 0;
  };
  for_each_place(parameter, [&](std::size_t from, std::size_t) {
    piece[count++] = static_cast<float>(stored[from]);
    if (count == piece.size()) hand_over();
  });
  if (count > 0) hand_over();
}

void set_torch_values(const Parameter& parameter, std::span<const float> torch, real* stored) {
  assert(torch.size() == parameter.count());
  for_each_place(parameter, [&](std::size_t to, std::size_t from) { stored[to] = torch[from]; });
}

std::vector<std::int64_t> torch_shape_of(const Parameter& parameter) {
  if (!parameter.torch_shape.empty()) return {parameter.torch_shape.begin(), parameter.torch_shape.end()};
  std::vector<std::int64_t> shape;
  for (std::size_t a = 0; a < parameter.shape.size(); ++a) {
    shape.push_back(parameter.shape[parameter.order.empty() ? a : static_cast<std::size_t>(parameter.order[a])]);
  }
  return shape;
}

}  // namespace trainground

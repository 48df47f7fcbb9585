#include "experiment_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backbone.h"
#include "json_text.h"
#include "options.h"
#include "options_table.h"

namespace trainground {
namespace {

constexpr std::size_t kMaxProblems = 100;  // of one file: more help nobody
constexpr std::size_t kLongestKey = 40;

bool within(const Json& value, const Option& option) {
  return value.is_number() && value.get<double>() >= option.minimum && value.get<double>() <= option.maximum;
}

// The least number of letters to change, add or drop; case does not count.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool equal = (a[i - 1] | 0x20) == (b[j - 1] | 0x20);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (equal ? 0 : 1)}));
    }
  }
  return row[b.size()];
}

class Reader {
 public:
  std::vector<Problem> problems;

  // One object of the file, as its rows say; what is right goes to the struct behind `target` (null: only the form counts) and,
  // with the defaults, into the result.
  Json read_object(const Json& given, const std::string& object, const std::string& path, void* target) {
    Json result = Json::object();
    int type = -1;
    const std::vector<const Option*> any = options_of(object, -1);
    for (const Option* option : any) {
      if (option->key() == "type") type = type_of(given, *option);
    }
    std::vector<const Option*> rows = any;
    if (type != kUnknownType) {
      rows = options_of(object, type);
      // No struct: a description within another, which takes no settings of the run.
      if (target == nullptr)
        std::erase_if(rows, [](const Option* row) {
          return row->store != nullptr || row->content != nullptr || row->kind == OptionKind::names;
        });
      for (const Option* option : rows) read_option(given, *option, path, target, result);
      check_marks(given, rows, path);
    } else {
      problem(join(path, "type"), expectation(*any.front()), given.contains("type") ? describe(given["type"]) : "nothing");
    }
    check_keys(given, rows, any, path);
    return result;
  }

 private:
  static constexpr int kUnknownType = -2;

  static std::string join(const std::string& path, std::string_view key) {
    std::string shown(key.substr(0, kLongestKey));
    return path.empty() ? shown : path + "." + shown;
  }

  void problem(std::string path, std::string expected, std::string given) {
    if (problems.size() < kMaxProblems) problems.push_back({std::move(path), std::move(expected), std::move(given)});
  }

  static int place_of(const Json& word, Choices choices) {
    if (!word.is_string()) return -1;
    const auto found = std::find(choices.begin(), choices.end(), word.text());
    return found == choices.end() ? -1 : static_cast<int>(found - choices.begin());
  }

  static int type_of(const Json& given, const Option& option) {
    const Json* found = given.find("type");
    if (!found) {
      return option.if_absent == IfAbsent::default_value ? static_cast<int>(option.fallback) : kUnknownType;
    }
    const int type = place_of(*found, option.choices);
    return type < 0 ? kUnknownType : type;
  }

  void read_option(const Json& given, const Option& option, const std::string& path, void* target, Json& result) {
    const std::string key(option.key());
    const std::string here = join(path, key);
    const Json* found = given.find(key);
    if (!found) {
      if (option.if_absent == IfAbsent::refused) problem(here, expectation(option), "nothing");
      if (option.if_absent == IfAbsent::default_value) result[key] = fallback(option, here, target);
      if (option.if_absent == IfAbsent::any_of && target != nullptr) option.store(target, option.fallback, 0);
      return;
    }
    Json value = read_value(*found, option, here, target);
    if (!value.is_none()) result[key] = std::move(value);
  }

  Json fallback(const Option& option, const std::string& path, void* target) {
    if (option.kind == OptionKind::group) return read_group(Json::object(), option, path, target);
    if (option.kind == OptionKind::list) return Json::array();
    if (target != nullptr && option.store != nullptr) option.store(target, option.fallback, option.fallback_end);
    return default_of(option);
  }

  // The value as it is written out, or a discarded one and a problem.
  Json read_value(const Json& given, const Option& option, const std::string& path, void* target) {
    double value = 0, end = 0;
    Json written = given;
    bool right = false;
    switch (option.kind) {
      case OptionKind::boolean:
        right = given.is_boolean();
        if (right) value = given.get<bool>() ? 1 : 0;
        break;
      case OptionKind::integer:
      case OptionKind::number:
        right = within(given, option);
        if (right) value = given.get<double>();
        if (const double steps = (value - option.minimum) / option.step; right && option.kind == OptionKind::integer)
          right = std::floor(steps) == steps;
        if (right) written = tidy(value);
        break;
      case OptionKind::range:
        right = given.is_array() && given.size() == 2 && within(given[0], option) && within(given[1], option) &&
                given[0].get<double>() <= given[1].get<double>();
        if (right) value = given[0].get<double>(), end = given[1].get<double>();
        break;
      case OptionKind::choice: {
        const int place = place_of(given, option.choices);
        right = place >= 0;
        value = place;
        break;
      }
      case OptionKind::padding:
        right = read_padding(given, option, *static_cast<Padding*>(option.place(target)));
        break;
      case OptionKind::text:
        right = given.is_string() && given.text().size() >= option.minimum && given.text().size() <= option.maximum;
        break;
      case OptionKind::names:
        right = given.is_array() && given.size() <= option.maximum &&
                std::all_of(given.begin(), given.end(), [](const Json& name) { return name.is_string(); });
        break;
      case OptionKind::group:
        return read_group(given, option, path, target);
      case OptionKind::list:
        return read_list(given, option, path, target);
    }
    if (!right) {
      problem(path, expectation(option), describe(given));
      return Json(Json::Type::none);
    }
    if (target != nullptr && option.store != nullptr) option.store(target, value, end);
    return written;
  }

  static bool read_padding(const Json& given, const Option& option, Padding& padding) {
    const int word = place_of(given, option.choices);
    padding.same = word == 1;
    if (word >= 0) return true;
    int* const sides[] = {&padding.top, &padding.bottom, &padding.left, &padding.right};
    if (given.is_array() && given.size() != std::size(sides)) return false;
    for (std::size_t i = 0; i < std::size(sides); ++i) {
      const Json& side = given.is_array() ? given[i] : given;
      if (!within(side, option)) return false;
      const double value = side.get<double>();
      *sides[i] = static_cast<int>(value);
      if (*sides[i] != value) return false;
    }
    return true;
  }

  Json read_group(const Json& given, const Option& option, const std::string& path, void* target) {
    void* inside = target != nullptr && option.place != nullptr ? option.place(target) : nullptr;
    if (option.shorthand && given.is_string()) {
      if (option.content == std::string_view("dataset")) return read_name(given, option, path);
      const Option& type = *options_of(option.content, -1).front();
      if (place_of(given, type.choices) >= 0) return read_object(JsonObject().add("type", given), option.content, path, inside);
      problem(path, expectation(type), describe(given));
      return Json(Json::Type::none);
    }
    if (given.is_object()) return read_object(given, option.content, path, inside);
    problem(path, expectation(option), describe(given));
    return Json(Json::Type::none);
  }

  // A data set's name stays a name: whoever opens the data knows which there are.
  Json read_name(const Json& given, const Option& option, const std::string& path) {
    const std::string& name = given.text();
    if (!name.empty() && name.size() <= 200) return given;
    problem(path, expectation(option), describe(given));
    return Json(Json::Type::none);
  }

  Json read_list(const Json& given, const Option& option, const std::string& path, void* target) {
    if (!given.is_array() || given.size() < option.minimum || given.size() > option.maximum) {
      problem(path, expectation(option), describe(given));
      return Json(Json::Type::none);
    }
    Json result = Json::array();
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      void* inside = option.place(target);
      if (given[i].is_object()) {
        result.push_back(read_object(given[i], option.content, here, inside));
      } else {
        problem(here, "an object", describe(given[i]));
      }
    }
    return result;
  }

  // Options of which at least one, or exactly one, must be given.
  void check_marks(const Json& given, const std::vector<const Option*>& rows, const std::string& path) {
    std::string words;
    int count = 0;
    bool exactly = false;
    for (const Option* row : rows) {
      if (row->if_absent != IfAbsent::any_of && row->if_absent != IfAbsent::one_of) continue;
      exactly = row->if_absent == IfAbsent::one_of;
      words += (words.empty() ? "" : ", ") + std::string(row->key());
      if (given.contains(std::string(row->key()))) ++count;
    }
    if (words.empty() || count == 1 || (count > 1 && !exactly)) return;
    problem(path, std::string(exactly ? "an object with exactly one of " : "an object with at least one of ") + words,
            count == 0 ? "none of them" : number_text(count) + " of them");
  }

  void check_keys(const Json& given, const std::vector<const Option*>& rows, const std::vector<const Option*>& any,
                  const std::string& path) {
    const auto knows = [](const std::vector<const Option*>& options, const std::string& key) {
      return std::any_of(options.begin(), options.end(), [&](const Option* option) { return option->key() == key; });
    };
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::string& key = given.key(i);
      if (problems.size() == kMaxProblems) return;
      if (knows(rows, key)) continue;
      std::string expected = "a known option";
      if (knows(any, key) && given.contains("type")) {
        expected = "left out (" + describe(given["type"]) + " does not take it)";
      } else if (const Option* near = nearest(rows, key)) {
        expected += " (is \"" + std::string(near->key()) + "\" meant?)";
      }
      problem(join(path, key), expected, describe(given[i]));
    }
  }

  static const Option* nearest(const std::vector<const Option*>& options, const std::string& key) {
    if (key.size() > kLongestKey) return nullptr;
    const Option* best = nullptr;
    std::size_t least = std::max<std::size_t>(2, key.size() / 3) + 1;
    for (const Option* option : options) {
      const std::size_t edits = distance(key, option->key());
      if (edits < least) least = edits, best = option;
    }
    return best;
  }
};

// The layers of a backbone are not written out, and have the experiment's penalties.
void penalize(std::vector<LayerOptions>& layers, const Experiment& experiment) {
  for (LayerOptions& layer : layers) {
    layer.l1 = experiment.l1;
    layer.l2 = experiment.l2;
    penalize(layer.layers, experiment);
  }
}

// What depends on more than one option: a pooling window steps by its own size, a layer's penalty is the experiment's, keep is
// written as rate.
void settle(std::vector<LayerOptions>& layers, Json& written, const Experiment& experiment) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerOptions& layer = layers[i];
    Json& text = written[i];
    const bool pool = layer.type == LayerType::maxPool2d || layer.type == LayerType::averagePool2d;
    if (pool && !text.contains("strides")) layer.strides = layer.pool_size;
    if (!text.contains("l1")) layer.l1 = experiment.l1;
    if (!text.contains("l2")) layer.l2 = experiment.l2;
    if (text.erase("keep")) text["rate"] = tidy(layer.rate);
    if (layer.type == LayerType::backbone) {
      layer.layers = backbone_layers(layer);
      penalize(layer.layers, experiment);
    }
    if (layer.type == LayerType::residual) settle(layer.layers, text["layers"], experiment);
  }
}

// lambda [(1-alpha) sum |w| + alpha sum w^2] is l1 and l2 by other names, and is written out as these.
void settle_elastic_net(Experiment& experiment, Json& written) {
  const Json* net = written.find("elasticNet");
  if (!net) return;
  const double lambda = (*net)["lambda"].get<double>(), alpha = (*net)["alpha"].get<double>();
  written["l1"] = tidy(experiment.l1 = lambda * (1 - alpha));
  written["l2"] = tidy(experiment.l2 = lambda * alpha);
  written.erase("elasticNet");
}

}  // namespace

ParsedExperiment parse_experiment(const std::string& json) {
  ParsedExperiment parsed;
  const Json given = read_json(json, parsed.problems);
  if (!parsed.problems.empty()) return parsed;
  if (!given.is_object()) {
    parsed.problems.push_back({"", "an object", describe(given)});
    return parsed;
  }
  Reader reader;
  Json written = reader.read_object(given, "", "", &parsed.experiment);
  for (const char* penalty : {"l1", "l2"}) {
    if (given.contains("elasticNet") && given.contains(penalty)) {
      reader.problems.push_back({penalty, "left out (elasticNet sets it)", describe(given[penalty])});
    }
  }
  parsed.problems = std::move(reader.problems);
  if (!parsed.problems.empty()) return parsed;
  settle_elastic_net(parsed.experiment, written);
  settle(parsed.experiment.layers, written["layers"], parsed.experiment);
  parsed.normalized = text(written);
  return parsed;
}

}  // namespace trainground

#include "json_text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

namespace trainground::json_text_test {

// Read and written again; no text where it is not JSON.
std::string round(const std::string& json) {
  const Json tree = trusted_json(json);
  return tree.is_none() ? "" : text(tree);
}

TEST(JsonText, ReadsWhatIsJson) {
  const char* const cases[][2] = {
      {"null", "null"},
      {" [ true , false ]\r\n\t", "[true,false]"},
      {"\xef\xbb\xbf{}", "{}"},  // a byte order mark
      {R"({"b": 1, "a": {"": []}})", R"({"b":1,"a":{"":[]}})"},
      {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\u0008\u000c\u000a\u000d\u0009")"},
      {R"("\u0041\u00e9\u20AC\ud83d\ude00\u0000")", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\u0000\""},
      {"\"\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\"",
       "\"\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\""},
      {"[0, -0, 0.50, 1E2, 1e-7, -12.5e+1, 9007199254740991]", "[0,0,0.5,100,1e-7,-125,9007199254740991]"},
      {"1e-400", "0"},
  };
  for (const auto& [json, written] : cases) EXPECT_EQ(round(json), written) << json;
}

TEST(JsonText, RefusesWhatIsNot) {
  const char* const cases[] = {
      "",
      " ",
      "{",
      "}",
      "[",
      "]",
      "[1",
      "[1,]",
      "[,1]",
      "[1 2]",
      "{1:2}",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{\"a\" 1}",
      "{,}",
      "tru",
      "True",
      "nul",
      "falsey",
      "NaN",
      "Infinity",
      "-",
      "+1",
      "01",
      "-01",
      "1.",
      ".5",
      "1.e3",
      "1e",
      "1e+",
      "0x10",
      "--1",
      "1 2",
      "\"",
      "\"\\\"",
      "\"\\x41\"",
      "\"\\u12\"",
      "\"\\u123g\"",
      "\"\n\"",
      "'a'",
      "\"\t\"",
      "\"\\ud800\"",
      "\"\\udc00\"",
      "\"\\ud800\\ud800\"",
      "\"\\ud800x\"",
      "\"\\ud800\\n\"",
      "/**/1",
      "\"\x80\"",
      "\"\xc0\xaf\"",
      "\"\xc1\xbf\"",
      "\"\xe0\x9f\xbf\"",
      "\"\xed\xa0\x80\"",
      "\"\xf0\x8f\xbf\xbf\"",
      "\"\xf4\x90\x80\x80\"",
      "\"\xf5\x80\x80\x80\"",
      "\"\xc3\"",
      "\"\xe2\x82\"",
      "\"\xf0\x9f\x98\"",
      "\"\xff\"",
      "\xef\xbb\xbf",
      "\xef\xbb{}",
      "[\xef\xbb\xbf]",
      "1e999",
  };
  for (const char* json : cases) {
    std::vector<Problem> problems;
    EXPECT_TRUE(read_json(json, problems).is_none()) << json;
    ASSERT_EQ(problems.size(), 1u) << json;
    EXPECT_EQ(problems[0].expected, "JSON") << json;
  }
}

TEST(JsonText, NamesThePlace) {
  std::vector<Problem> problems;
  read_json("{\"a\": [{\"b\": 1, \"b\": 2, \"c\": {\"d\": 0, \"d\": 0}}],\n \"a\": tru}", problems);
  ASSERT_EQ(problems.size(), 4u);
  EXPECT_EQ(problems[0].path, "a[0].b");
  EXPECT_EQ(problems[1].path, "a[0].c.d");
  EXPECT_EQ(problems[2].path, "a");
  EXPECT_EQ(problems[3].given, "a syntax error at line 2, column 10");
}

TEST(JsonText, WritesWhatIsNotUtf8AsAnotherCharacter) {
  EXPECT_EQ(text("a\xffz"), "\"a\xef\xbf\xbdz\"");
  EXPECT_EQ(text("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(text(Json::list(std::numeric_limits<double>::infinity(), std::nan(""), -1)), "[null,null,-1]");
}

TEST(JsonText, ShowsValuesShortly) {
  EXPECT_EQ(describe(trusted_json("[1,2]")), "a list of 2");
  EXPECT_EQ(describe(trusted_json("{\"a\":1}")), "an object");
  EXPECT_EQ(describe(trusted_json("1e21")), "1e+21");
  EXPECT_EQ(describe(std::string(39, 'x') + "\xc3\xa9tail"), "\"" + std::string(39, 'x') + "...\"");
}

TEST(Json, GivesNothingForWhatIsNotThere) {
  const Json json = trusted_json(R"({"list": [1, "two"], "number": 2.5})");
  EXPECT_EQ(json["list"][1].text(), "two");
  EXPECT_EQ(json["list"][2].type(), Json::Type::null);
  EXPECT_EQ(json["none"][0]["deeper"].get<int>(), 0);
  EXPECT_EQ(json.value("number", 1.0), 2.5);
  EXPECT_EQ(json.value("other", 7), 7);
  EXPECT_EQ(json["list"].get<std::vector<int>>(), (std::vector<int>{1, 0}));
}

TEST(Json, KeepsTheOrderOfItsKeys) {
  Json json = trusted_json(R"({"c": 1, "b": 2, "a": 3})");
  json["b"] = "new";
  json["z"] = Json::list(1);
  EXPECT_TRUE(json.erase("c"));
  EXPECT_FALSE(json.erase("c"));
  EXPECT_EQ(text(json), R"({"b":"new","a":3,"z":[1]})");
}

// The layout of ECMAScript's Number::toString, which JavaScript itself has where the engine is WebAssembly.
TEST(NumberText, IsAsJavaScriptWritesIt) {
  const std::pair<double, const char*> cases[] = {
      {0, "0"},
      {-0.0, "0"},
      {3, "3"},
      {-40, "-40"},
      {0.1, "0.1"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-7, "1.5e-7"},
      {123456.75, "123456.75"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {1.2345e25, "1.2345e+25"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {0.1 + 0.2, "0.30000000000000004"},
      {-0.00001234, "-0.00001234"},
      {100, "100"},
      {std::nan(""), "NaN"},
      {-std::numeric_limits<double>::infinity(), "-infinity"},
  };
  for (const auto& [value, written] : cases) EXPECT_EQ(number_text(value), written);
}

TEST(NumberText, ReadsBackAsTheSameNumber) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(number_of(number_text(value)), value);
    EXPECT_EQ(trusted_json(number_text(value)).get<double>(), value);
  }
}

}  // namespace trainground::json_text_test

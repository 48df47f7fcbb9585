#include "augmentation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

#include "golden.h"
#include "xtensor.h"

namespace trainground::augmentation_test {

AugmentationOptions options_of(const Json& json) {
  static const std::map<std::string, AugmentationType> kTypes{{"flip", AugmentationType::flip},
                                                              {"rotation", AugmentationType::rotation},
                                                              {"randomCrop", AugmentationType::randomCrop},
                                                              {"colorShift", AugmentationType::colorShift},
                                                              {"noise", AugmentationType::noise},
                                                              {"cutout", AugmentationType::cutout},
                                                              {"contrast", AugmentationType::contrast},
                                                              {"shift", AugmentationType::shift}};
  AugmentationOptions options;
  options.type = kTypes.at(json["type"].text());
  options.probability = json.value("probability", 1.0);
  options.horizontal = json.value("horizontal", 0.0);
  options.vertical = json.value("vertical", 0.0);
  options.degrees = json.value("degrees", 0.0);
  if (json.contains("scale"))
    options.scale_min = json["scale"][0].get<double>(), options.scale_max = json["scale"][1].get<double>();
  options.brightness = json.value("brightness", 0.0);
  options.saturation = json.value("saturation", 0.0);
  options.hue = json.value("hue", 0.0);
  options.stddev = json.value("stddev", 0.0);
  options.size = json.value("size", 0.0);
  if (json.contains("range"))
    options.contrast_min = json["range"][0].get<double>(), options.contrast_max = json["range"][1].get<double>();
  options.pixels = json.value("pixels", 0.0);
  return options;
}

std::vector<real> augmented(const std::vector<AugmentationOptions>& transforms, const Shape& shape, std::vector<real> pixels,
                            const AugmentationKey& key = {1, 0, 0}, bool clamp = true) {
  AugmentationScratch scratch(shape);
  augment(transforms, shape, key, clamp, scratch, pixels.data());
  return pixels;
}

std::vector<real> some_picture(const Shape& shape) {
  std::vector<real> pixels(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<real>((i * 37 + i * i * 11) % 256) / 255;
  return pixels;
}

TEST(Augmentation, GivesTheGoldenPictures) {
  const Json cases = golden("augmentation.json");
  ASSERT_EQ(cases.size(), 40u);
  for (const Json& one : cases) {
    const Shape shape{one["shape"][0].get<int>(), one["shape"][1].get<int>(), one["shape"][2].get<int>()};
    std::vector<AugmentationOptions> transforms;
    for (const Json& json : one["transforms"]) transforms.push_back(options_of(json));
    std::vector<real> pixels;
    for (const int value : numbers<int>(one["picture"])) pixels.push_back(static_cast<real>(value) / 255);
    const std::vector<real> result =
        augmented(transforms, shape, pixels,
                  {one["seed"].get<std::uint64_t>(), one["epoch"].get<std::uint32_t>(), one["sample"].get<std::uint32_t>()});
    for (std::size_t i = 0; i < result.size(); ++i) {
      ASSERT_NEAR(result[i], one["expected"][i].get<double>(), 2e-5)
          << text(one["transforms"]) << " seed " << text(one["seed"]) << " at " << i;
    }
  }
}

TEST(Augmentation, ProbabilityZeroChangesNothing) {
  const Shape shape{9, 7, 3};
  std::vector<AugmentationOptions> transforms;
  for (AugmentationType type :
       {AugmentationType::flip, AugmentationType::rotation, AugmentationType::randomCrop, AugmentationType::colorShift,
        AugmentationType::noise, AugmentationType::cutout, AugmentationType::contrast, AugmentationType::shift}) {
    AugmentationOptions options;
    options.type = type;
    options.horizontal = options.vertical = 1;
    options.degrees = 45;
    options.scale_min = options.scale_max = 0.5;
    options.brightness = options.saturation = options.stddev = options.size = 0.5;
    options.hue = 90;
    options.contrast_min = options.contrast_max = 2;
    options.pixels = 3;
    EXPECT_NE(augmented({options}, shape, some_picture(shape), {1, 0, 1}), some_picture(shape)) << static_cast<int>(type);
    options.probability = 0;
    transforms.push_back(options);
  }
  for (std::uint32_t sample = 0; sample < 50; ++sample) {
    ASSERT_EQ(augmented(transforms, shape, some_picture(shape), {1, 0, sample}), some_picture(shape));
  }
}

TEST(Augmentation, ATransformWithoutStrengthIsTheIdentity) {
  const Shape shape{6, 7, 3};
  for (AugmentationType type : {AugmentationType::flip, AugmentationType::rotation, AugmentationType::randomCrop,
                                AugmentationType::noise, AugmentationType::cutout, AugmentationType::shift}) {
    AugmentationOptions options;
    options.type = type;
    options.scale_min = options.scale_max = 1;
    EXPECT_EQ(augmented({options}, shape, some_picture(shape)), some_picture(shape)) << static_cast<int>(type);
  }
  for (AugmentationType type : {AugmentationType::colorShift, AugmentationType::contrast}) {
    AugmentationOptions options;
    options.type = type;
    const std::vector<real> result = augmented({options}, shape, some_picture(shape));
    for (std::size_t i = 0; i < result.size(); ++i) EXPECT_NEAR(result[i], some_picture(shape)[i], 1e-6);
  }
}

TEST(Augmentation, AFlipIsAMirrorAndTwoAreNone) {
  const Shape shape{5, 4, 3};
  AugmentationOptions flip;
  flip.horizontal = 1;
  const std::vector<real> picture = some_picture(shape);
  const auto pixels = xt::adapt(picture, std::vector<std::size_t>{5, 4, 3});
  const std::vector<real> mirrored = augmented({flip}, shape, picture);
  EXPECT_EQ(xt::adapt(mirrored, std::vector<std::size_t>{5, 4, 3}),
            xt::view(pixels, xt::all(), xt::range(xt::placeholders::_, xt::placeholders::_, -1)));
  EXPECT_EQ(augmented({flip, flip}, shape, picture), picture);
  flip.vertical = 1;
  flip.horizontal = 0;
  const std::vector<real> upended = augmented({flip}, shape, picture);
  EXPECT_EQ(xt::adapt(upended, std::vector<std::size_t>{5, 4, 3}),
            xt::view(pixels, xt::range(xt::placeholders::_, xt::placeholders::_, -1)));
}

TEST(Augmentation, ProbabilitiesAreKept) {
  const Shape shape{1, 2, 1};
  AugmentationOptions flip;
  flip.horizontal = 0.5;
  flip.probability = 0.5;
  int flipped = 0;
  for (std::uint32_t sample = 0; sample < 4000; ++sample) flipped += augmented({flip}, shape, {0, 1}, {1, 0, sample})[0] == 1;
  EXPECT_NEAR(flipped, 1000, 100);
}

TEST(Augmentation, NumbersDependOnSeedEpochSampleAndPlace) {
  const Shape shape{4, 4, 3};
  AugmentationOptions noise;
  noise.type = AugmentationType::noise;
  noise.stddev = 0.2;
  const std::vector<real> picture = some_picture(shape), one = augmented({noise}, shape, picture, {1, 2, 3});
  EXPECT_EQ(one, augmented({noise}, shape, picture, {1, 2, 3}));
  EXPECT_NE(one, augmented({noise}, shape, picture, {2, 2, 3}));
  EXPECT_NE(one, augmented({noise}, shape, picture, {1, 3, 3}));
  EXPECT_NE(one, augmented({noise}, shape, picture, {1, 2, 4}));
  AugmentationOptions nothing;
  EXPECT_NE(one, augmented({nothing, noise}, shape, picture, {1, 2, 3}));
}

TEST(Augmentation, PicturesAreClampedAndVectorsAreNot) {
  const Shape shape{8, 8, 1};
  AugmentationOptions noise;
  noise.type = AugmentationType::noise;
  noise.stddev = 3;
  const std::vector<real> clamped = augmented({noise}, shape, some_picture(shape)),
                          open = augmented({noise}, shape, some_picture(shape), {1, 0, 0}, false);
  EXPECT_EQ(xt::amin(xt::adapt(clamped))(), 0);
  EXPECT_EQ(xt::amax(xt::adapt(clamped))(), 1);
  EXPECT_LT(xt::amin(xt::adapt(open))(), -1);
  EXPECT_GT(xt::amax(xt::adapt(open))(), 2);
}

TEST(Augmentation, ATurnedRadialPictureStaysAsItIs) {
  const Shape shape{31, 31, 1};
  std::vector<real> radial(31 * 31);
  for (int y = 0; y < 31; ++y) {
    for (int x = 0; x < 31; ++x) {
      const double r = std::hypot(x - 15, y - 15);
      radial[static_cast<std::size_t>(y * 31 + x)] = static_cast<real>(0.5 + 0.5 * std::cos(r / 5) * std::exp(-r * r / 60));
    }
  }
  AugmentationOptions rotation;
  rotation.type = AugmentationType::rotation;
  rotation.degrees = 180;
  for (std::uint32_t sample = 0; sample < 20; ++sample) {
    const std::vector<real> turned = augmented({rotation}, shape, radial, {1, 0, sample});
    EXPECT_FLOAT_EQ(static_cast<float>(turned[15 * 31 + 15]), static_cast<float>(radial[15 * 31 + 15]));
    for (std::size_t i = 0; i < turned.size(); ++i) ASSERT_NEAR(turned[i], radial[i], 0.02);
  }
}

TEST(Augmentation, GreyStaysGreyAndLuminanceStays) {
  const Shape shape{2, 2, 3};
  AugmentationOptions color;
  color.type = AugmentationType::colorShift;
  color.saturation = 1;
  color.hue = 180;
  for (real value : augmented({color}, shape, std::vector<real>(12, real{0.4}))) EXPECT_NEAR(value, 0.4, 1e-6);
  const std::vector<real> before = some_picture(shape), after = augmented({color}, shape, before, {1, 0, 0}, false);
  EXPECT_NE(before, after);
  for (std::size_t i = 0; i < 12; i += 3) {
    EXPECT_NEAR(0.213 * after[i] + 0.715 * after[i + 1] + 0.072 * after[i + 2],
                0.213 * before[i] + 0.715 * before[i + 1] + 0.072 * before[i + 2], 2e-3);
  }
}

TEST(Augmentation, NormalsAreNormal) {
  std::vector<double> moments(5, 0);
  double neighbours = 0;
  int beyond = 0;
  const int rounds = 6000, count = rounds * 64;
  for (int i = 0; i < rounds; ++i) {
    std::uint32_t words[kNormalWords];
    float normals[2 * kNormalWords];
    for (std::uint32_t j = 0; j < kNormalWords; ++j)
      words[j] = random_block(9, Stream::augmentation, 0, static_cast<std::uint32_t>(i), j)[0];
    normals_of(words, normals);
    for (std::size_t j = 0; j < 2 * kNormalWords; ++j) {
      for (std::size_t power = 1; power < 5; ++power) moments[power] += std::pow(normals[j], power) / count;
      beyond += std::abs(normals[j]) > 1.96f;
      neighbours += normals[j] * normals[j ^ 1] / count;
    }
  }
  EXPECT_NEAR(moments[1], 0, 0.006);
  EXPECT_NEAR(moments[2], 1, 0.01);
  EXPECT_NEAR(moments[3], 0, 0.03);
  EXPECT_NEAR(moments[4], 3, 0.08);
  EXPECT_NEAR(static_cast<double>(beyond) / count, 0.05, 0.002);
  EXPECT_NEAR(neighbours, 0, 0.006);
}

TEST(Augmentation, EveryHalfWordGivesTheNormalOfTheFormula) {
  double worst = 0;
  for (std::uint32_t k = 0; k < 65536; ++k) {
    std::uint32_t words[kNormalWords] = {k, k | k << 16, (65535 - k) | k << 16, k << 16};
    float normals[2 * kNormalWords];
    normals_of(words, normals);
    for (std::size_t i = 0; i < 4; ++i) {
      const double radius = std::sqrt(-2 * std::log(((words[i] & 65535) + 1) / 65536.0));
      const double angle = 2 * std::numbers::pi * (words[i] >> 16) / 65536.0;
      worst = std::max(worst, std::abs(normals[2 * i] - radius * std::cos(angle)));
      worst = std::max(worst, std::abs(normals[2 * i + 1] - radius * std::sin(angle)));
    }
  }
  EXPECT_LT(worst, 2e-5);
}

}  // namespace trainground::augmentation_test

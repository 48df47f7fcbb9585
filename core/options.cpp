#include "options.h"

#include <cmath>

#include "experiment.h"
#include "option_rows.h"
#include "words.h"

namespace trainground {
namespace {

using namespace rows;

// Without the noise of the last binary digit: keep 0.8 is rate 0.2.
void store_keep(void* layer, double keep, double) {
  static_cast<LayerOptions*>(layer)->rate = std::round((1 - keep) * 1e12) / 1e12;
}
void* same(void* object) { return object; }
void* early_stopping(void* experiment) {
  EarlyStoppingOptions& options = static_cast<Experiment*>(experiment)->early_stopping;
  options.enabled = true;
  return &options;
}

using A = AugmentationType;
using L = LayerType;
using O = OptimizerType;
using S = ScheduleType;
constexpr std::uint32_t kKernels = bits(L::dense, L::conv2d, L::depthwiseConv2d);
constexpr std::uint32_t kPools = bits(L::maxPool2d, L::averagePool2d);
constexpr std::uint32_t kConvolutions = bits(L::conv2d, L::depthwiseConv2d);

constexpr Option kOptions[] = {
    integer(
        "seed", 1, 0, 9007199254740991, store<&Experiment::seed>,
        "Every random number is a function of this seed: the same seed, data and experiment give the same weights, bit for bit."),

    group("dataset", kInherited, "dataset", true, same,
          "What is learned from: the name of a built-in set, or a description of files or points. Absent: the program gives the "
          "data."),
    choice("dataset.type", Data::builtIn, kDatasets, nullptr, "Where the samples come from.", kRefused),
    text("dataset.name", "The built-in set's name.").of(bits(Data::builtIn)),
    text("dataset.path", "A folder with one folder of pictures per class, or a file.")
        .of(bits(Data::images, Data::csv, Data::safetensors)),
    integer("dataset.size", 32, 1, 512, nullptr, "Pictures are made square and scaled to this side.")
        .of(bits(Data::images))
        .in("pixels"),
    choice("dataset.fit", 0, kFits, nullptr,
           "How they are made square: the middle cut out, white put around, or the proportions changed.")
        .of(bits(Data::images)),
    integer("dataset.channels", 3, 1, 3, nullptr, "1: grey, 3: colour.").in_steps_of(2).of(bits(Data::images)),
    text("dataset.images", "IDX file of pictures, gzip or not.").of(bits(Data::idx)),
    text("dataset.label", "Name of the column that holds the label.").of(bits(Data::csv)),
    names("dataset.leaveOut", 65536, "Columns that are no inputs.").of(bits(Data::csv)),
    names("dataset.categories", 65536,
          "Columns of numbers that are categories all the same; of texts, those of which nearly every one is different.")
        .of(bits(Data::csv)),
    text("dataset.inputs", "Tensor of inputs: uint8 or floats, (N,H,W,C) or (N,D).").of(bits(Data::safetensors)),
    text("dataset.labels", "IDX file of labels; or the tensor of labels: integers (N), or floats (N,K) for regression.")
        .of(bits(Data::idx, Data::safetensors)),
    text("dataset.groups",
         "Name of the column, or of the tensor of integers (N), that tells which samples a split keeps together. Absent: none.",
         kInherited)
        .of(bits(Data::csv, Data::safetensors)),
    choice("dataset.shape", 0, kShapes, nullptr, "The pattern that points in the plane are drawn from.").of(bits(Data::points)),
    integer("dataset.samples", 500, 10, 100000, nullptr, "How many points.").of(bits(Data::points)),
    number("dataset.noise", 0.1, 0, 2, nullptr, "Standard deviation of what is added to each point.").of(bits(Data::points)),
    boolean("dataset.normalize", false, store<&Experiment::normalize>,
            "Standardises each channel with the training part's mean and deviation."),
    boolean("dataset.normalizeLabel", false, store<&Experiment::normalize_label>,
            "Regression: learns the label standardised so. Answers and saved weights are in its own unit, losses are not.")
        .of(bits(Data::csv, Data::safetensors)),
    group("dataset.validation", kInherited, "dataset", true, nullptr, "A set of the same form that replaces the split."),

    number("validationSplit", 0.2, 0, 0.99, store<&Experiment::validation_split>,
           "Share of each class that is kept out of training to judge it.")
        .in("share"),
    choice("splitBy", SplitBy::random, kSplits, store<&Experiment::split_by>,
           "random: drawn from each class; fileOrder: the last samples of the set are kept out; group: samples of one group stay "
           "on one side. Absent: group where the data has groups, else random.",
           kInherited),
    integer("samplesPerClass", 0, 2, 1000000, store<&Experiment::samples_per_class>,
            "At most so many samples of each class are learned from, drawn after the split. Absent: all.", kInherited)
        .in("samples"),
    boolean("shuffle", true, store<&Experiment::shuffle>, "Every epoch visits the training samples in a new order."),

    list("augmentation", kDefault, 0, 32, "augmentation[]", append<&Experiment::augmentation>,
         "Transforms of training samples, on the fly, in this order; each sample and epoch draws anew."),
    choice("augmentation[].type", A::flip, kAugmentations, store<&AugmentationOptions::type>, "What is done to the picture.",
           kRefused),
    number("augmentation[].probability", 1, 0, 1, store<&AugmentationOptions::probability>, "How often it is done at all.")
        .in("probability"),
    number("augmentation[].horizontal", 0, 0, 1, store<&AugmentationOptions::horizontal>,
           "How often left and right change places.", kAnyOf)
        .of(bits(A::flip))
        .in("probability"),
    number("augmentation[].vertical", 0, 0, 1, store<&AugmentationOptions::vertical>, "How often top and bottom change places.",
           kAnyOf)
        .of(bits(A::flip))
        .in("probability"),
    number("augmentation[].degrees", 0, 0, 180, store<&AugmentationOptions::degrees>, "Turned by up to so much, either way.",
           kRefused)
        .of(bits(A::rotation))
        .in("degrees"),
    range("augmentation[].scale", 0.8, 1, 0.05, 2, store_range<&AugmentationOptions::scale_min, &AugmentationOptions::scale_max>,
          "Side of the crop as a share of the picture's; it is scaled back to full size. Above 1 the picture shrinks.")
        .of(bits(A::randomCrop))
        .in("share"),
    number("augmentation[].brightness", 0, 0, 1, store<&AugmentationOptions::brightness>,
           "Added to all channels, up to so much either way, of pixels in 0..1.", kAnyOf)
        .of(bits(A::colorShift)),
    number("augmentation[].saturation", 0, 0, 1, store<&AugmentationOptions::saturation>,
           "Colours made stronger or paler by up to this share.", kAnyOf)
        .of(bits(A::colorShift))
        .in("share"),
    number("augmentation[].hue", 0, 0, 180, store<&AugmentationOptions::hue>,
           "Colours turned on the colour wheel by up to so much.", kAnyOf)
        .of(bits(A::colorShift))
        .in("degrees"),
    number("augmentation[].stddev", 0, 0, 1, store<&AugmentationOptions::stddev>,
           "Standard deviation of the normal noise added to pixels in 0..1.", kRefused)
        .of(bits(A::noise)),
    number("augmentation[].size", 0, 0, 1, store<&AugmentationOptions::size>,
           "Side of the square that is blanked, as a share of the picture's.", kRefused)
        .of(bits(A::cutout))
        .in("share"),
    range("augmentation[].range", 1, 1, 0, 10,
          store_range<&AugmentationOptions::contrast_min, &AugmentationOptions::contrast_max>,
          "Differences from the picture's mean are multiplied by a factor between these.", kRefused)
        .of(bits(A::contrast)),
    number("augmentation[].pixels", 0, 0, 64, store<&AugmentationOptions::pixels>, "Moved by up to so much each way.", kRefused)
        .of(bits(A::shift))
        .in("pixels"),

    integer(
        "augmentationViews", 0, 1, 1000, store<&Experiment::augmentation_views>,
        "Each sample has so many augmented views, which take turns from epoch to epoch, so that what is frozen sees each only "
        "once. Absent: a new one every epoch.",
        kInherited)
        .in("views"),

    list("layers", kRefused, 1, 200, "layers[]", append<&Experiment::layers>,
         "The network from input to output; its last layer gives the logits."),
    choice("layers[].type", L::dense, kLayers, store<&LayerOptions::type>, "What the layer does.", kRefused),
    integer("layers[].units", 0, 1, 65536, store<&LayerOptions::units>, "Outputs of the layer.", kRefused).of(bits(L::dense)),
    integer("layers[].filters", 0, 1, 65536, store<&LayerOptions::filters>, "Channels that come out.", kRefused)
        .of(bits(L::conv2d)),
    integer("layers[].kernelSize", 0, 1, 64, store<&LayerOptions::kernel_size>, "Side of the square window.", kRefused)
        .of(kConvolutions)
        .in("pixels"),
    integer("layers[].poolSize", 2, 1, 16, store<&LayerOptions::pool_size>, "Side of the square window.").of(kPools).in("pixels"),
    integer("layers[].strides", 1, 1, 64, store<&LayerOptions::strides>, "Steps of the window.").of(kConvolutions).in("pixels"),
    integer("layers[].strides", 0, 1, 64, store<&LayerOptions::strides>, "Steps of the window. Absent: poolSize.", kInherited)
        .of(kPools)
        .in("pixels"),
    padding("layers[].padding", kPaddings, 64, member<&LayerOptions::padding>,
            "What is put around. same: Keras's, output of the input's size divided by strides, rounded up; a mean leaves it out. "
            "Numbers: PyTorch's, top, bottom, left, right; a mean counts it.")
        .of(kConvolutions | kPools)
        .in("pixels"),
    choice("layers[].function", Activation::relu, kActivations, store<&LayerOptions::activation>, "Applied to every number.",
           kRefused)
        .of(bits(L::activation)),
    number("layers[].negativeSlope", 0.01, 0, 1, store<&LayerOptions::negative_slope>, "leakyRelu: slope below zero.")
        .of(bits(L::activation)),
    choice("layers[].activation", Activation::linear, kActivations, store<&LayerOptions::activation>,
           "Applied to every output of the layer.")
        .of(kKernels),
    boolean("layers[].useBias", true, store<&LayerOptions::use_bias>, "Adds a learned number to each output channel.")
        .of(kKernels),
    choice("layers[].kernelInitializer", Initializer::glorotUniform, kInitializers, store<&LayerOptions::kernel_initializer>,
           "Where the weights start. glorot is Xavier's rule, he suits relu.")
        .of(kKernels),
    number("layers[].momentum", 0.9, 0, 1, store<&LayerOptions::momentum>,
           "Share of the moving statistics that each batch keeps (PyTorch's momentum is 1 minus this).")
        .of(bits(L::batchNormalization))
        .in("share"),
    number("layers[].epsilon", 1e-5, 1e-12, 1, store<&LayerOptions::epsilon>, "Added to the variance.")
        .of(bits(L::batchNormalization)),
    number("layers[].rate", 0, 0, 0.95, store<&LayerOptions::rate>, "Share of the numbers that is dropped in training.", kOneOf)
        .of(bits(L::dropout))
        .in("share"),
    number("layers[].keep", 0, 0.05, 1, store_keep, "The cheat sheet's word: 1 minus rate.", kOneOf)
        .of(bits(L::dropout))
        .in("share"),
    number("layers[].scale", 1, -1e6, 1e6, store<&LayerOptions::scale>, "Every number is multiplied by this.", kRefused)
        .of(bits(L::rescaling)),
    number("layers[].offset", 0, -1e6, 1e6, store<&LayerOptions::offset>, "Added behind the scale.").of(bits(L::rescaling)),
    choice(
        "layers[].name", BackboneName::efficientNetLite0, kBackbones, store<&LayerOptions::backbone>,
        "A network that others have designed, without its classifier: it takes colour pictures and gives its last feature map. "
        "transfer.weights of the same name brings what it has learned.",
        kRefused)
        .of(bits(L::backbone)),
    choice(
        "layers[].output", BackboneOutput::featureMap, kBackboneOutputs, store<&LayerOptions::output>,
        "featureMap: its last one; embedding: a vector for a few photos, made of the means of four maps, less what all training "
        "photos have in common. An embedding does not learn.")
        .of(bits(L::backbone)),
    list("layers[].layers", kRefused, 1, 200, "layers[]", append<&LayerOptions::layers>,
         "What is added to the input of the block; a 1x1 projection is put in where the shapes differ.")
        .of(bits(L::residual)),
    boolean("layers[].trainable", true, store<&LayerOptions::trainable>,
            "false: frozen, and inference mode for batch normalization.")
        .of(kKernels | bits(L::batchNormalization, L::residual, L::backbone)),
    number("layers[].l1", 0, 0, 1000, store<&LayerOptions::l1>, "As l1, for this layer alone. Absent: the experiment's.",
           kInherited)
        .of(kKernels),
    number("layers[].l2", 0, 0, 1000, store<&LayerOptions::l2>, "As l2, for this layer alone. Absent: the experiment's.",
           kInherited)
        .of(kKernels),

    group("transfer", kInherited, "transfer", false, same, "Starts from trained weights. Absent: from kernelInitializer."),
    text("transfer.weights",
         "A built-in backbone's name, or a safetensors file: tensors whose name and shape this network has are taken."),
    choice("transfer.freeze", Freeze::all, kFreezes, store<&Experiment::freeze>,
           "all: only the last dense layer learns; most: the last block of convolutions too; none: everything."),

    group("loss", kDefault, "loss", true, same, "What training makes small; computed from logits."),
    choice("loss.type", LossType::crossEntropy, kLosses, store<&Experiment::loss>,
           "crossEntropy: one class of several (softmax); binaryCrossEntropy: each output by itself; meanSquaredError: numbers."),
    number("loss.labelSmoothing", 0, 0, 1, store<&Experiment::label_smoothing>,
           "This share of each target is spread evenly over all classes.")
        .of(bits(LossType::crossEntropy))
        .in("share"),
    number("l1", 0, 0, 1000, store<&Experiment::l1>, "Adds l1 times the sum of |w| over kernels to the loss."),
    number("l2", 0, 0, 1000, store<&Experiment::l2>,
           "Adds l2 times the sum of w squared over kernels to the loss (a gradient of 2 l2 w: PyTorch's weight_decay is twice "
           "this)."),
    group("elasticNet", kInherited, "elasticNet", false, nullptr,
          "The cheat sheet's form of both: lambda [(1-alpha) sum |w| + alpha sum of w squared]."),
    number("elasticNet.lambda", 0, 0, 1000, nullptr, "Weight of the whole penalty.", kRefused),
    number("elasticNet.alpha", 0, 0, 1, nullptr, "Share of the squares: 0 is l1 alone, 1 is l2 alone.", kRefused),

    group("optimizer", kDefault, "optimizer", true, member<&Experiment::optimizer>, "How gradients change the weights."),
    choice("optimizer.type", O::adam, kOptimizers, store<&OptimizerOptions::type>, "The rule of the update."),
    number("optimizer.learningRate", 0.001, 0, 1000, store<&OptimizerOptions::learning_rate>, "Size of the step.")
        .of(bits(O::rmsprop, O::adam, O::adamw)),
    number("optimizer.learningRate", 0.01, 0, 1000, store<&OptimizerOptions::learning_rate>, "Size of the step.")
        .of(bits(O::sgd, O::momentum, O::adagrad)),
    number("optimizer.learningRate", 1, 0, 1000, store<&OptimizerOptions::learning_rate>, "Size of the step; 1 is the paper's.")
        .of(bits(O::adadelta)),
    number("optimizer.momentum", 0.9, 0, 0.999999, store<&OptimizerOptions::momentum>,
           "Share of the velocity that is kept: v = momentum v + g.")
        .of(bits(O::momentum))
        .in("share"),
    boolean("optimizer.nesterov", false, store<&OptimizerOptions::nesterov>, "Looks ahead: steps by g + momentum v.")
        .of(bits(O::momentum)),
    number("optimizer.rho", 0.9, 0, 0.999999, store<&OptimizerOptions::rho>,
           "Share kept of the mean square (Keras's; PyTorch: alpha 0.99).")
        .of(bits(O::rmsprop))
        .in("share"),
    number("optimizer.rho", 0.95, 0, 0.999999, store<&OptimizerOptions::rho>,
           "Share kept of both mean squares (the paper's; PyTorch: 0.9).")
        .of(bits(O::adadelta))
        .in("share"),
    number("optimizer.beta1", 0.9, 0, 0.999999, store<&OptimizerOptions::beta1>, "Share kept of the mean gradient.")
        .of(bits(O::adam, O::adamw))
        .in("share"),
    number("optimizer.beta2", 0.999, 0, 0.999999, store<&OptimizerOptions::beta2>, "Share kept of the mean square.")
        .of(bits(O::adam, O::adamw))
        .in("share"),
    number("optimizer.epsilon", 1e-8, 1e-16, 1, store<&OptimizerOptions::epsilon>, "Added to the root: no division by zero.")
        .of(bits(O::rmsprop, O::adam, O::adamw)),
    number("optimizer.epsilon", 1e-10, 1e-16, 1, store<&OptimizerOptions::epsilon>, "Added to the root: no division by zero.")
        .of(bits(O::adagrad)),
    number("optimizer.epsilon", 1e-6, 1e-16, 1, store<&OptimizerOptions::epsilon>, "Added under both roots.")
        .of(bits(O::adadelta)),
    number("optimizer.weightDecay", 0.01, 0, 1000, store<&OptimizerOptions::weight_decay>,
           "Shrinks every weight by this times the learning rate, beside the gradient.")
        .of(bits(O::adamw)),
    number("optimizer.clipNorm", 0, 0, 1e6, store<&OptimizerOptions::clip_norm>,
           "Scales all gradients down together where their norm is larger; 0: never."),

    group("learningRateSchedule", kDefault, "learningRateSchedule", true, member<&Experiment::schedule>,
          "How the learning rate changes during the run."),
    choice("learningRateSchedule.type", S::constant, kSchedules, store<&ScheduleOptions::type>,
           "constant, step: times factor every so many epochs; exponential: every epoch; cosine: down to minimum at the end; "
           "reduceOnPlateau: times factor when the validation loss no longer falls."),
    integer("learningRateSchedule.warmupEpochs", 0, 0, 100000, store<&ScheduleOptions::warmup_epochs>,
            "The rate first rises in a line, step by step, for so many epochs.")
        .of(bits(S::constant, S::step, S::exponential, S::cosine))
        .in("epochs"),
    integer("learningRateSchedule.stepEpochs", 10, 1, 100000, store<&ScheduleOptions::step_epochs>, "Epochs between two cuts.")
        .of(bits(S::step))
        .in("epochs"),
    number("learningRateSchedule.factor", 0.1, 0, 1, store<&ScheduleOptions::factor>, "The rate is multiplied by this.")
        .of(bits(S::step, S::reduceOnPlateau)),
    number("learningRateSchedule.factor", 0.95, 0, 1, store<&ScheduleOptions::factor>,
           "The rate is multiplied by this every epoch.")
        .of(bits(S::exponential)),
    number("learningRateSchedule.minimum", 0, 0, 1000, store<&ScheduleOptions::minimum>, "The rate never falls below.")
        .of(bits(S::cosine, S::reduceOnPlateau)),
    integer("learningRateSchedule.patience", 3, 0, 100000, store<&ScheduleOptions::patience>,
            "Epochs without improvement before a cut (Keras: 10).")
        .of(bits(S::reduceOnPlateau))
        .in("epochs"),
    number("learningRateSchedule.minDelta", 0, 0, 1000, store<&ScheduleOptions::min_delta>,
           "Only a fall of more than this is an improvement.")
        .of(bits(S::reduceOnPlateau)),

    integer("batchSize", 32, 1, 65536, store<&Experiment::batch_size>,
            "Samples per step; the last batch of an epoch may be smaller.")
        .in("samples"),
    integer("epochs", 20, 1, 100000, store<&Experiment::epochs>, "How often every training sample is visited, at most.")
        .in("epochs"),
    boolean("exact", false, store<&Experiment::exact>,
            "Convolutions without Winograd's algorithm: slower, for comparisons at the last digits."),

    group("earlyStopping", kInherited, "earlyStopping", false, early_stopping,
          "Ends the run when it no longer improves. Absent: never."),
    choice("earlyStopping.monitor", Monitor::validationLoss, kMonitors, store<&EarlyStoppingOptions::monitor>,
           "What is watched."),
    integer("earlyStopping.patience", 0, 0, 100000, store<&EarlyStoppingOptions::patience>,
            "Epochs without improvement before the run ends.")
        .in("epochs"),
    number("earlyStopping.minDelta", 0, 0, 1000, store<&EarlyStoppingOptions::min_delta>,
           "Only a change for the better of more than this is an improvement."),
    integer("earlyStopping.startFromEpoch", 0, 0, 100000, store<&EarlyStoppingOptions::start_from_epoch>,
            "The first so many epochs are not watched.")
        .in("epochs"),
    boolean("earlyStopping.restoreBestWeights", false, store<&EarlyStoppingOptions::restore_best_weights>,
            "The weights of the best epoch are put back, however the run ends."),
};

}  // namespace

std::string_view Option::key() const {
  const std::string_view whole = path;
  return whole.substr(whole.rfind('.') + 1);  // npos + 1 is 0
}

std::string_view Option::object() const {
  const std::string_view whole = path;
  const std::size_t dot = whole.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : whole.substr(0, dot);
}

std::span<const Option> all_options() { return kOptions; }

std::vector<const Option*> options_of(std::string_view object, int type) {
  std::vector<const Option*> rows;
  for (const Option& option : kOptions) {
    if (option.object() == object && (type < 0 || (option.types >> type & 1) != 0)) rows.push_back(&option);
  }
  return rows;
}

}  // namespace trainground

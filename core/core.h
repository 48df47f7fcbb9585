// The table of contents: the headers of the core in reading order. A file includes only what stands above it here
// (tests/structure.test.js sees to that), so the core can be read from top to bottom. Not here: what only sources include.
#pragma once

// clang-format off
// Ground
#include "tensor.h"    // the number type, shapes, aligned storage, a parameter
#include "random.h"    // a number as a pure function of (seed, stream, index)
#include "parallel.h"  // work in slices, for any number of threads

// The experiment
#include "problem.h"          // one thing wrong with the user's input
#include "json_text.h"        // JSON text to a tree, or one sentence
#include "experiment.h"       // the whole run as one plain struct
#include "words.h"            // the file's words for each enum
#include "options.h"          // the one table: name, default, range
#include "experiment_file.h"  // JSON in, the struct or all of its problems out

// Data
#include "sha256.h"       // the name of a file, a data set, a run
#include "safetensors.h"  // tensors in and out, strictly
#include "dataset.h"      // samples and labels, their formats, the seeded split

// Layers
#include "layers/layer.h"  // what every layer is: five verbs

// One step
#include "loss.h"            // what training makes small: value and gradient together
#include "gradients.h"       // between backward and step: penalties, norm, clipping
#include "power.h"           // powers and a cosine that are the same in every build
#include "optimizer.h"       // how gradients change the weights
#include "schedule.h"        // the learning rate at each step
#include "early_stopping.h"  // go on, new best, or stop
// clang-format on

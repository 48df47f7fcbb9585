// The table of contents: every header of the core, in reading order. A file includes only what stands above it here
// (tests/structure.test.js sees to that), so the core can be read from top to bottom.
#pragma once

// Ground
#include "tensor.h"      // the number type, shapes, aligned storage, a parameter
#include "random.h"      // a number as a pure function of (seed, stream, index)
#include "parallel.h"    // work in slices, for any number of threads
#include "experiment.h"  // the whole run as one struct; the table of options

// The data's path
#include "dataset.h"  // pictures and labels; the seeded split
#include "layers/layer.h"  // what every layer is: five verbs

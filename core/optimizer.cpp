#include "optimizer.h"

#include <algorithm>
#include <cmath>

#include "parallel.h"
#include "power.h"

namespace trainground {
namespace {

// Numbers per task: 64 KB of each array, several tasks even for small networks.
constexpr std::size_t kPiece = 16384;

bool has_m(const OptimizerOptions& options) {
  return options.type != OptimizerType::sgd && options.type != OptimizerType::rmsprop && options.type != OptimizerType::adagrad;
}
bool has_v(const OptimizerOptions& options) {
  return options.type != OptimizerType::sgd && options.type != OptimizerType::momentum;
}

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options, std::size_t count)
    : options_(options), m_(has_m(options) ? count : 0), v_(has_v(options) ? count : 0) {}

std::vector<Optimizer::State> Optimizer::state() {
  std::vector<State> arrays;
  if (has_m(options_)) arrays.push_back({"m", &m_});
  if (has_v(options_)) arrays.push_back({"v", &v_});
  return arrays;
}

// update(begin, end) for pieces that cover the trainable ranges.
template <class Update>
void Optimizer::each(std::span<const IndexRange> trainable, Update update) {
  pieces_.clear();
  for (const IndexRange& range : trainable) {
    for (std::size_t begin = range.begin; begin < range.end; begin += kPiece) {
      pieces_.push_back({begin, std::min(begin + kPiece, range.end)});
    }
  }
  parallel_for(static_cast<int>(pieces_.size()), [&](int index) {
    const IndexRange piece = pieces_[static_cast<std::size_t>(index)];
    update(piece.begin, piece.end);
  });
}

void Optimizer::step(real* values, const real* gradients, std::span<const IndexRange> trainable, double learning_rate) {
  ++t_;
  const real rate = static_cast<real>(learning_rate), epsilon = static_cast<real>(options_.epsilon);
  const real mu = static_cast<real>(options_.momentum);
  const real rho = static_cast<real>(options_.rho), one_less_rho = static_cast<real>(1 - options_.rho);
  real* const __restrict w = values;
  const real* const __restrict g = gradients;
  real* const __restrict m = m_.data();
  real* const __restrict v = v_.data();

  switch (options_.type) {
    case OptimizerType::sgd:  // w <- w - a g
      each(trainable, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) w[i] -= rate * g[i];
      });
      break;

    case OptimizerType::momentum:  // m <- mu m + g;  w <- w - a m, with Nesterov's look ahead w <- w - a (g + mu m)
      if (options_.nesterov) {
        each(trainable, [=](std::size_t begin, std::size_t end) {
          for (std::size_t i = begin; i < end; ++i) {
            m[i] = mu * m[i] + g[i];
            w[i] -= rate * (g[i] + mu * m[i]);
          }
        });
      } else {
        each(trainable, [=](std::size_t begin, std::size_t end) {
          for (std::size_t i = begin; i < end; ++i) {
            m[i] = mu * m[i] + g[i];
            w[i] -= rate * m[i];
          }
        });
      }
      break;

    case OptimizerType::rmsprop:  // v <- rho v + (1-rho) g^2;  w <- w - a g / (sqrt v + e). The cheat sheet has no e.
      each(trainable, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          v[i] = rho * v[i] + one_less_rho * (g[i] * g[i]);
          w[i] -= rate * (g[i] / (std::sqrt(v[i]) + epsilon));
        }
      });
      break;

    // m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  w <- w - a (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + e)
    // The cheat sheet leaves the two corrections out. AdamW (Loshchilov and Hutter, 2019) first shrinks w by a weightDecay w.
    case OptimizerType::adam:
    case OptimizerType::adamw: {
      const real beta1 = static_cast<real>(options_.beta1), one_less_beta1 = static_cast<real>(1 - options_.beta1);
      const real beta2 = static_cast<real>(options_.beta2), one_less_beta2 = static_cast<real>(1 - options_.beta2);
      const real corrected_rate = static_cast<real>(learning_rate / (1 - power(options_.beta1, t_)));
      const real correction = static_cast<real>(1 / std::sqrt(1 - power(options_.beta2, t_)));
      const bool decoupled = options_.type == OptimizerType::adamw;
      const real kept = decoupled ? static_cast<real>(1 - learning_rate * options_.weight_decay) : real{1};
      each(trainable, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          m[i] = beta1 * m[i] + one_less_beta1 * g[i];
          v[i] = beta2 * v[i] + one_less_beta2 * (g[i] * g[i]);
          w[i] = kept * w[i] - corrected_rate * (m[i] / (std::sqrt(v[i]) * correction + epsilon));
        }
      });
      break;
    }

    case OptimizerType::adagrad:  // v <- v + g^2;  w <- w - a g / (sqrt v + e)   (Duchi et al., 2011)
      each(trainable, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          v[i] += g[i] * g[i];
          w[i] -= rate * (g[i] / (std::sqrt(v[i]) + epsilon));
        }
      });
      break;

    // v <- rho v + (1-rho) g^2;  d = g sqrt(m + e) / sqrt(v + e);  m <- rho m + (1-rho) d^2;  w <- w - a d   (Zeiler, 2012)
    case OptimizerType::adadelta:
      each(trainable, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          v[i] = rho * v[i] + one_less_rho * (g[i] * g[i]);
          const real delta = std::sqrt(m[i] + epsilon) / std::sqrt(v[i] + epsilon) * g[i];
          m[i] = rho * m[i] + one_less_rho * (delta * delta);
          w[i] -= rate * delta;
        }
      });
      break;
  }
}

}  // namespace trainground

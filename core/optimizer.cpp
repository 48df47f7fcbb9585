#include "optimizer.h"

#include <algorithm>
#include <cmath>

#include "kernels/vector.h"
#include "parallel.h"
#include "power.h"

namespace trainground {
namespace {

// Numbers per task: 64 KB of each array, several tasks even for small networks.
constexpr std::size_t kPiece = 16384;

// Every so many steps, what has become tiny in m and v is set to 0. Where no sample reaches a unit any more, its gradients are 0
// and its averages shrink with each step: some 700 after units of a dense network had died, all further steps took two to seven
// times as long. In each step it would cost a fifth of Adam.
constexpr int kFlushSteps = 16;

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

// rule(w, g, m, v) for every number of the trainable ranges, four at a time; the last, partial four are padded with zeros.
// Explicit vectors, because compilers give up on four arrays that might overlap.
template <bool kM, bool kV, class Rule>
void Optimizer::each(real* values, const real* gradients, std::span<const IndexRange> trainable, Rule rule) {
  pieces_.clear();
  for (const IndexRange& range : trainable) {
    for (std::size_t begin = range.begin; begin < range.end; begin += kPiece) {
      pieces_.push_back({begin, std::min(begin + kPiece, range.end)});
    }
  }
  parallel_for(static_cast<int>(pieces_.size()), [&](int index) {
    const IndexRange piece = pieces_[static_cast<std::size_t>(index)];
    std::size_t i = piece.begin;
    Vec m{}, v{};
    for (; i + kLanes <= piece.end; i += kLanes) {
      Vec w = load(values + i);
      if constexpr (kM) m = load(&m_[i]);
      if constexpr (kV) v = load(&v_[i]);
      rule(w, load(gradients + i), m, v);
      store(values + i, w);
      if constexpr (kM) store(&m_[i], m);
      if constexpr (kV) store(&v_[i], v);
    }
    const int rest = static_cast<int>(piece.end - i);
    if (rest == 0) return;
    Vec w = load_part(values + i, rest);
    if constexpr (kM) m = load_part(&m_[i], rest);
    if constexpr (kV) v = load_part(&v_[i], rest);
    rule(w, load_part(gradients + i, rest), m, v);
    store_part(values + i, w, rest);
    if constexpr (kM) store_part(&m_[i], m, rest);
    if constexpr (kV) store_part(&v_[i], v, rest);
  });
}

void Optimizer::step(real* values, const real* gradients, std::span<const IndexRange> trainable, double learning_rate) {
  ++t_;
  const Vec rate = splat(static_cast<real>(learning_rate)), epsilon = splat(static_cast<real>(options_.epsilon));
  const Vec mu = splat(static_cast<real>(options_.momentum));
  const Vec rho = splat(static_cast<real>(options_.rho)), one_less_rho = splat(static_cast<real>(1 - options_.rho));

  switch (options_.type) {
    case OptimizerType::sgd:  // w <- w - a g
      each<false, false>(values, gradients, trainable, [=](Vec& w, Vec g, Vec&, Vec&) { w -= rate * g; });
      break;

    case OptimizerType::momentum:  // m <- mu m + g;  w <- w - a m, with Nesterov's look ahead w <- w - a (g + mu m)
      if (options_.nesterov) {
        each<true, false>(values, gradients, trainable, [=](Vec& w, Vec g, Vec& m, Vec&) {
          m = mu * m + g;
          w -= rate * (g + mu * m);
        });
      } else {
        each<true, false>(values, gradients, trainable, [=](Vec& w, Vec g, Vec& m, Vec&) {
          m = mu * m + g;
          w -= rate * m;
        });
      }
      break;

    case OptimizerType::rmsprop:  // v <- rho v + (1-rho) g^2;  w <- w - a g / (sqrt v + e). The cheat sheet has no e.
      each<false, true>(values, gradients, trainable, [=](Vec& w, Vec g, Vec&, Vec& v) {
        v = rho * v + one_less_rho * (g * g);
        w -= rate * (g / (sqrt(v) + epsilon));
      });
      break;

    // m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  w <- w - a (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + e)
    // The cheat sheet leaves the two corrections out. AdamW (Loshchilov and Hutter, 2019) first shrinks w by a weightDecay w.
    case OptimizerType::adam:
    case OptimizerType::adamw: {
      const Vec beta1 = splat(static_cast<real>(options_.beta1)), one_less_beta1 = splat(static_cast<real>(1 - options_.beta1));
      const Vec beta2 = splat(static_cast<real>(options_.beta2)), one_less_beta2 = splat(static_cast<real>(1 - options_.beta2));
      const Vec corrected_rate = splat(static_cast<real>(learning_rate / (1 - power(options_.beta1, t_))));
      const Vec correction = splat(static_cast<real>(1 / std::sqrt(1 - power(options_.beta2, t_))));
      const bool decoupled = options_.type == OptimizerType::adamw;
      const Vec kept = splat(decoupled ? static_cast<real>(1 - learning_rate * options_.weight_decay) : real{1});
      each<true, true>(values, gradients, trainable, [=](Vec& w, Vec g, Vec& m, Vec& v) {
        m = beta1 * m + one_less_beta1 * g;
        v = beta2 * v + one_less_beta2 * (g * g);
        w = kept * w - corrected_rate * (m / (sqrt(v) * correction + epsilon));
      });
      break;
    }

    case OptimizerType::adagrad:  // v <- v + g^2;  w <- w - a g / (sqrt v + e)   (Duchi et al., 2011)
      each<false, true>(values, gradients, trainable, [=](Vec& w, Vec g, Vec&, Vec& v) {
        v += g * g;
        w -= rate * (g / (sqrt(v) + epsilon));
      });
      break;

    // v <- rho v + (1-rho) g^2;  d = g sqrt(m + e) / sqrt(v + e);  m <- rho m + (1-rho) d^2;  w <- w - a d   (Zeiler, 2012)
    case OptimizerType::adadelta:
      each<true, true>(values, gradients, trainable, [=](Vec& w, Vec g, Vec& m, Vec& v) {
        v = rho * v + one_less_rho * (g * g);
        const Vec delta = sqrt(m + epsilon) / sqrt(v + epsilon) * g;
        m = rho * m + one_less_rho * (delta * delta);
        w -= rate * delta;
      });
      break;
  }

  if (t_ % kFlushSteps != 0) return;
  parallel_for(static_cast<int>(pieces_.size()), [&](int index) {
    const auto [begin, end] = pieces_[static_cast<std::size_t>(index)];
    for (Buffer<real>* state : {&m_, &v_}) {
      if (state->empty()) continue;
      real* const from = state->data() + begin;
      map(static_cast<std::ptrdiff_t>(end - begin), from, from, without_tiny);
    }
  });
}

}  // namespace trainground

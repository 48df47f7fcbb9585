// What the project takes of xtensor, wherever its headers lie: in one folder up to 0.25, in folders by kind from 0.26 on.
#pragma once

#include <cstdlib>
#include <xtl/xtl_config.hpp>
#if __has_include(<xtensor/xadapt.hpp>)
#include <xtensor/xtensor_config.hpp>
#else
#include <xtensor/core/xtensor_config.hpp>
#endif

// Where there are no exceptions, both libraries would print what is wrong, and std::cerr is 20 kB of the engine's download.
#ifndef __cpp_exceptions
#undef XTL_THROW
#undef XTENSOR_THROW
#define XTL_THROW(exception, message) std::abort()
#define XTENSOR_THROW(exception, message) std::abort()
#endif

#if __has_include(<xtensor/xadapt.hpp>)
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>
#else
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/views/xview.hpp>
#endif

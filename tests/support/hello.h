// How does a peer of our own version greet in a test?
#pragma once
#include <string>

#include "common/protocol/messages.h"

namespace jitfarm::test {

/// Of a program that speaks what we speak; with four slots, or compiler threads.
inline protocol::Hello hello(protocol::Role role, std::string name = "n", std::string build = "b",
                             std::uint32_t slots = 4, std::string vm = "vm") {
  return {.role = role,
          .version_min = protocol::kVersionMin,
          .version_max = protocol::kVersionMax,
          .capabilities = {},
          .name = std::move(name),
          .build = std::move(build),
          .slots = slots,
          .vm = std::move(vm)};
}

}  // namespace jitfarm::test

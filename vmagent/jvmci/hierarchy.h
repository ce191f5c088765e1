// What is the super class of a class that HotSpot names?
#pragma once
#include <string_view>

namespace jitfarm::vmagent::jvmci {

/// The direct super class, empty for the root of a hierarchy. Only relations that HotSpot asks
/// about with IsInstanceOf, or that make a class inherit fields; java/lang/Object is left out, so
/// that unrelated classes do not share slots.
std::string_view super_of(std::string_view name);

}  // namespace jitfarm::vmagent::jvmci

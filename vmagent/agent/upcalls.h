// What do we answer when HotSpot calls a jdk.vm.ci method?
#pragma once

namespace jitfarm::vmagent::agent {

/// Tells the World about every method and constructor that HotSpot was seen to call. Once, before
/// its walk over the surface.
void bind_upcalls();

}  // namespace jitfarm::vmagent::agent

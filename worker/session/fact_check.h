// Is a fact that a client sent one that may be used at all?
#pragma once
#include "common/base/id.h"
#include "common/base/result.h"
#include "common/facts/fact.h"

namespace jitfarm::worker::session {

inline constexpr std::size_t kFactValueBytesMax =
    256u << 10;  // a method with a 64 KiB name and a 64 KiB descriptor fits

/// The kind exists, the size is bounded, and the value decodes as the record that facts.def names;
/// an unknown fact has no value. Says nothing about truth: a client that lies about its own VM
/// hurts its own code only, and the agent's checks at install stay.
Status check_fact(const facts::Fact& fact);

/// The class that the fact is about and must end with: the subject, or the holder of a method. 0:
/// none (vm_config).
ClassId class_of(const facts::Fact& fact);

}  // namespace jitfarm::worker::session

// Which records travel or are kept by themselves, without being a message?
#pragma once
#include "common/code/code_image.h"
#include "common/code/replay_bundle.h"
#include "common/facts/values.h"
#include "common/protocol/envelope.h"

namespace jitfarm::test {

/// Calls f<T>() for each; the values of facts come from facts.def.
template <class F>
void for_each_stored_record(F&& f) {
  f.template operator()<protocol::Envelope>();
  f.template operator()<code::CodeImage>();
  f.template operator()<code::ReplayBundle>();
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  f.template operator()<facts::value>();
#include "common/facts/facts.def"
#undef JF_FACT
}

}  // namespace jitfarm::test

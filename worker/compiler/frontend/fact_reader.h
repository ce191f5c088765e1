// How does the compiler ask a fact? Asking and recording are one call: nothing is known that is not
// in the dependency record.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/code/code_image.h"
#include "common/facts/fact.h"
#include "common/facts/values.h"
#include "common/wire/codec.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::worker::compiler::frontend {

/// Record type of each fact kind, from facts.def.
template <facts::FactKind kind>
struct RecordOf;
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  template <>                                                           \
  struct RecordOf<facts::FactKind::kind> {                              \
    using type = facts::value;                                          \
  };
#include "common/facts/facts.def"
#undef JF_FACT

enum class FactState : std::uint8_t {
  missing,  ///< nobody asked yet; it is on the list now
  unknown,  ///< an answer: not resolved, or there is none
  known,
};

template <class T>
struct Answer {
  FactState state = FactState::missing;
  T value{};
};

/// Reads one compilation's facts. Owned by that compilation, used by its thread only.
class FactReader {
 public:
  explicit FactReader(const FactSource& source) : source_(source) {}

  /// What `subject`, `index` and `detail` are says facts.def.
  template <facts::FactKind kind>
  Answer<typename RecordOf<kind>::type> ask(std::uint64_t subject, std::uint32_t index = 0,
                                            std::uint32_t detail = 0) {
    using T = typename RecordOf<kind>::type;
    const facts::Fact* fact = find({kind, subject, index, detail});
    if (fact == nullptr) return {};
    if (!fact->known) return {FactState::unknown, {}};
    auto value = wire::decode<T>(fact->value);
    if (!value) {
      malformed_ = std::string(facts::name(kind)) + ": " + value.error().message();
      return {FactState::unknown, {}};
    }
    return {FactState::known, std::move(*value)};
  }

  /// Canonical bytes of the class; empty when they are missing, and then they are asked for.
  ByteView shape(ClassId klass, const Digest& digest);

  bool is_missing() const { return !missing_.empty(); }
  /// Questions so far that had no answer.
  std::size_t misses() const { return misses_; }
  MissingFacts missing() const { return {{missing_.begin(), missing_.end()}}; }
  /// Empty unless a fact did not decode; then the compilation must bail out with it.
  const std::string& malformed() const { return malformed_; }
  /// Every fact that was found, ascending.
  std::vector<code::FactUse> uses() const;

 private:
  const facts::Fact* find(const facts::FactKey& key);
  void miss(const facts::FactKey& key);

  const FactSource& source_;
  std::set<facts::FactKey> missing_;
  std::size_t misses_ = 0;
  std::map<facts::FactKey, const facts::Fact*> used_;
  std::string malformed_;
};

}  // namespace jitfarm::worker::compiler::frontend

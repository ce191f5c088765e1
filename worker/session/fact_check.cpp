// Every kind of facts.def is checked here by its own record, so a new kind cannot be forgotten.
#include "worker/session/fact_check.h"

#include <string>
#include <string_view>

#include "common/facts/fact_codec.h"

namespace jitfarm::worker::session {

Status check_fact(const facts::Fact& fact) {
  if (!facts::is_valid(fact.key.kind)) return fail(Errc::malformed_frame, "no such fact kind");
  if (!fact.known) {
    if (fact.value.empty()) return {};
    return fail(Errc::facts_inconsistent,
                std::string(name(fact.key.kind)) + " is unknown and has a value");
  }
  if (fact.value.size() > kFactValueBytesMax)
    return fail(Errc::limit_exceeded, std::string(name(fact.key.kind)) + " of " +
                                          std::to_string(fact.value.size()) + " bytes");
  const auto decodes = [&]<class Value>() -> Status {
    if (auto value = facts::decode_value<Value>(fact); !value)
      return std::unexpected(std::move(value).error());
    return {};
  };
  using namespace facts;
  switch (fact.key.kind) {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  case FactKind::kind:                                                  \
    return decodes.template operator()<value>();
#include "common/facts/facts.def"
#undef JF_FACT
  }
  return fail(Errc::malformed_frame, "no such fact kind");
}

ClassId class_of(const facts::Fact& fact) {
  if (fact.key.kind == facts::FactKind::method_info) {
    const auto info = facts::decode_value<facts::MethodInfo>(fact);
    return info ? info->holder : ClassId{};
  }
  const auto if_class = [&](std::string_view subject) {
    return subject == "class id" ? ClassId{fact.key.subject} : ClassId{};
  };
  switch (fact.key.kind) {
#define JF_FACT(id, kind, value, lifetime, subject, index, detail, doc) \
  case facts::FactKind::kind:                                           \
    return if_class(subject);
#include "common/facts/facts.def"
#undef JF_FACT
  }
  return {};
}

}  // namespace jitfarm::worker::session

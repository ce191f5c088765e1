#include "common/facts/fact.h"

namespace jitfarm::facts {

std::string_view name(FactKind kind) {
  switch (kind) {
#define JF_FACT(id, kind_, value, lifetime, subject, index, detail, doc) \
  case FactKind::kind_:                                                  \
    return #kind_;
#include "common/facts/facts.def"
#undef JF_FACT
  }
  return "unknown";
}

Lifetime lifetime(FactKind kind) {
  switch (kind) {
#define JF_FACT(id, kind_, value, lifetime_, subject, index, detail, doc) \
  case FactKind::kind_:                                                   \
    return Lifetime::lifetime_;
#include "common/facts/facts.def"
#undef JF_FACT
  }
  return Lifetime::compilation;
}

}  // namespace jitfarm::facts

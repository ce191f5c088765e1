// How does a function of ours report failure? By value; nothing throws across our functions.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace jitfarm {

/// What the owner of a failed operation may do about it.
enum class Disposition : std::uint8_t {
  retry_elsewhere,    ///< another worker may succeed
  leave_to_jvm,       ///< the method stays in C1; the session goes on
  fatal_for_session,  ///< the peer or its connection is given up
  fatal_for_process,  ///< the program (or, in a JVM, the agent) stops working
};

enum class Errc : std::uint8_t {
#define JF_ERROR(code, disposition, text) code,
#include "common/base/errors.def"
#undef JF_ERROR
};

std::string_view name(Errc code);
std::string_view text(Errc code);
Disposition disposition(Errc code);
/// The code with this name, as a peer wrote it; nothing when there is none.
std::optional<Errc> errc_named(std::string_view name);

/// A failure: its code (bounded, fit for a metric label) and what, where and which limit (for people).
struct Error {
  Errc code;
  std::string detail;
  /// "worker_lost: the worker stopped answering: DETAIL"
  std::string message() const;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Errc code, std::string detail = {}) {
  return std::unexpected(Error{code, std::move(detail)});
}

// JF_TRY(auto x, expr): x = value of expr, or return its error. JF_CHECK_OK(expr) for Status.
#define JF_CONCAT_(a, b) a##b
#define JF_CONCAT(a, b) JF_CONCAT_(a, b)
#define JF_TRY_(tmp, ret, decl, expr)                                    \
  auto&& tmp = (expr);                                                   \
  if (!tmp) [[unlikely]] ret ::std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define JF_TRY(decl, expr) JF_TRY_(JF_CONCAT(jf_try_, __LINE__), return, decl, expr)
#define JF_CO_TRY(decl, expr) JF_TRY_(JF_CONCAT(jf_try_, __LINE__), co_return, decl, expr)
#define JF_CHECK_OK(expr)                                                                      \
  do {                                                                                         \
    if (auto&& jf_status = (expr); !jf_status) [[unlikely]]                                    \
      return ::std::unexpected(std::move(jf_status).error());                                  \
  } while (false)

}  // namespace jitfarm

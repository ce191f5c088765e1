// Who may talk to the farm? CurveZMQ keys: where they come from and who is on the list.
//
// Native code from strangers must never reach a JVM: the client checks the server's key, the server
// checks the client's against its list. Encryption without a list would accept any key, hence there
// is no option for that.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace jitfarm::net {

/// 40 characters of Z85 each (ZeroMQ RFC 32).
struct CurveKeyPair {
  std::string public_key;
  std::string secret_key;
};
struct CurveClient {
  std::string server_key;  ///< public key of the server
  CurveKeyPair own;
};
/// Which listener a key opens. Whoever may ask for code must not be able to serve code to others.
enum class Door : std::uint8_t { client, worker, any };
struct AllowedKey {
  std::string public_key;
  Door door = Door::client;
  std::string name = {};  ///< for the log
};
struct CurveServer {
  std::string secret_key;
  std::vector<AllowedKey> clients;
};

inline constexpr std::size_t kCurveKeyChars = 40;
inline constexpr std::size_t kAllowedKeysMax = 65'536;  // a look-up list, about 100 bytes each

/// A fresh pair. io_failure when this libzmq was built without CURVE.
Result<CurveKeyPair> make_curve_keys();
/// The public half of a secret key. bad_configuration when it is not a key.
Result<std::string> curve_public_key(const std::string& secret_key);
/// A new file with a secret key, mode 0600. io_failure, also when the file is there: a key that is
/// in use is not replaced.
Status write_curve_secret(const std::string& file, const std::string& secret_key);
/// The first line of a file that nobody but its owner may read or write (as ssh wants it).
/// bad_configuration with a sentence that names the file and never the key.
Result<std::string> read_curve_secret(const std::string& file);
/// Server side from two files: one as read_curve_secret wants it; every line of the other is
/// "PUBLIC_KEY client|worker|any [NAME]", empty lines and lines that start with "# " are skipped.
/// bad_configuration names file and line.
Result<CurveServer> load_curve_server(const std::string& secret_key_file,
                                      const std::string& clients_file);
/// The same with the texts at hand instead of the files.
Result<CurveServer> parse_curve_server(std::string_view secret_key, std::string_view clients);
/// The same with the keys that open this door only.
CurveServer for_door(const CurveServer& server, Door door);

/// Client side from the environment: JITFARM_CURVE_SERVER_KEY, the server's public key, and
/// JITFARM_CURVE_SECRET_KEY_FILE, a file with our own; a secret itself in the environment would
/// show in System.getenv() and go on to every child process of the application. No value when
/// neither is set; bad_configuration when only one is, or one is wrong: falling back to plain text
/// would be a trap.
Result<std::optional<CurveClient>> curve_client_from_environment();

}  // namespace jitfarm::net

#include "common/net/curve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace jitfarm::net {
namespace {

constexpr std::size_t kKeyFileBytesMax =
    kAllowedKeysMax * 128;  // a key, a name and a line end each

bool is_key(const std::string& text) {
  std::uint8_t raw[32];
  return text.size() == kCurveKeyChars && zmq_z85_decode(raw, text.c_str()) != nullptr;
}
std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t\r\n") - first + 1);
}
/// The first word; `text` becomes what follows it.
std::string_view word(std::string_view& text) {
  const auto end = text.find_first_of(" \t");
  const std::string_view first = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : trimmed(text.substr(end));
  return first;
}
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};
Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::bad_configuration, path + ": cannot be read");
  std::string text;
  for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
    if (text.size() == kKeyFileBytesMax) return fail(Errc::bad_configuration, path + ": too large");
    text.push_back(*at);
  }
  return text;
}

}  // namespace

Result<CurveKeyPair> make_curve_keys() {
  char public_key[kCurveKeyChars + 1], secret_key[kCurveKeyChars + 1];
  if (zmq_curve_keypair(public_key, secret_key) != 0)
    return fail(Errc::io_failure, std::string("CURVE keys: ") + zmq_strerror(zmq_errno()));
  return CurveKeyPair{public_key, secret_key};
}

Result<std::string> curve_public_key(const std::string& secret_key) {
  char public_key[kCurveKeyChars + 1];
  if (!is_key(secret_key) || zmq_curve_public(public_key, secret_key.c_str()) != 0)
    return fail(Errc::bad_configuration, "the secret key is not 40 characters of Z85");
  return std::string(public_key);
}

Status write_curve_secret(const std::string& file, const std::string& secret_key) {
  const Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.get() < 0) return fail(Errc::io_failure, file + ": " + std::strerror(errno));
  const std::string line = secret_key + "\n";
  if (::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return fail(Errc::io_failure, file + ": cannot be written");
  return {};
}

Result<std::string> read_curve_secret(const std::string& file) {
  const auto wrong = [&](const std::string& what) {
    return fail(Errc::bad_configuration, "secret key file " + file + ": " + what);
  };
  // Not blocking: the name may be that of a pipe, and this runs in a JVM.
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) return wrong(std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return wrong("it is no regular file");
  if ((info.st_mode & 077) != 0) return wrong("others than its owner have access to it: chmod 600");
  char text[256];
  const ssize_t bytes = ::read(fd.get(), text, sizeof text);
  if (bytes < 0) return wrong(std::strerror(errno));
  const std::string_view all(text, static_cast<std::size_t>(bytes));
  std::string key(trimmed(all.substr(0, all.find('\n'))));
  if (!is_key(key)) return wrong("its first line is not 40 characters of Z85");
  return key;
}

Result<CurveServer> parse_curve_server(std::string_view secret_key, std::string_view clients) {
  CurveServer server;
  server.secret_key = trimmed(secret_key.substr(0, secret_key.find('\n')));
  if (!is_key(server.secret_key))
    return fail(Errc::bad_configuration, "the secret key is not 40 characters of Z85");
  for (std::size_t line = 1; !clients.empty(); ++line) {
    const auto end = clients.find('\n');
    const std::string_view text = trimmed(clients.substr(0, end));
    clients.remove_prefix(end == std::string_view::npos ? clients.size() : end + 1);
    if (text.empty() || text == "#" || text.starts_with("# "))
      continue;  // a key may start with #, too
    const auto wrong = [&](std::string_view what) {
      return fail(Errc::bad_configuration,
                  "clients, line " + std::to_string(line) + ": " + std::string(what));
    };
    AllowedKey key;
    std::string_view rest = text;
    key.public_key = word(rest);
    if (!is_key(key.public_key)) return wrong("not a public key of 40 characters of Z85");
    const std::string_view door = word(rest);
    if (door == "client")
      key.door = Door::client;
    else if (door == "worker")
      key.door = Door::worker;
    else if (door == "any")
      key.door = Door::any;
    else
      return wrong("after the key comes client, worker or any");
    key.name = rest;
    if (server.clients.size() == kAllowedKeysMax)
      return fail(Errc::bad_configuration,
                  "clients: more than " + std::to_string(kAllowedKeysMax) + " keys");
    server.clients.push_back(std::move(key));
  }
  return server;
}

Result<CurveServer> load_curve_server(const std::string& secret_key_file,
                                      const std::string& clients_file) {
  JF_TRY(const std::string secret, read_curve_secret(secret_key_file));
  JF_TRY(const std::string clients, read_text(clients_file));
  auto server = parse_curve_server(secret, clients);
  if (!server)
    return fail(server.error().code,
                secret_key_file + ", " + clients_file + ": " + server.error().detail);
  return server;
}

CurveServer for_door(const CurveServer& server, Door door) {
  CurveServer one{server.secret_key, {}};
  for (const AllowedKey& key : server.clients)
    if (key.door == door || key.door == Door::any) one.clients.push_back(key);
  return one;
}

Result<std::optional<CurveClient>> curve_client_from_environment() {
  const char* server = std::getenv("JITFARM_CURVE_SERVER_KEY");
  const char* secret_file = std::getenv("JITFARM_CURVE_SECRET_KEY_FILE");
  if (std::getenv("JITFARM_CURVE_SECRET_KEY") != nullptr)
    return fail(Errc::bad_configuration,
                "JITFARM_CURVE_SECRET_KEY would show the key to the application and its children: "
                "put it into a file and name that in JITFARM_CURVE_SECRET_KEY_FILE");
  if (server == nullptr && secret_file == nullptr) return std::nullopt;
  if (server == nullptr || secret_file == nullptr)
    return fail(Errc::bad_configuration,
                "JITFARM_CURVE_SERVER_KEY and JITFARM_CURVE_SECRET_KEY_FILE go together");
  CurveClient client{.server_key = server, .own = {}};
  if (!is_key(client.server_key))
    return fail(Errc::bad_configuration, "JITFARM_CURVE_SERVER_KEY is not 40 characters of Z85");
  JF_TRY(client.own.secret_key, read_curve_secret(secret_file));
  JF_TRY(client.own.public_key, curve_public_key(client.own.secret_key));
  return client;
}

}  // namespace jitfarm::net

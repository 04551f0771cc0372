#pragma once
// Who the user is at which server: profiles, one file each, in the user's configuration folder
// ($XDG_CONFIG_HOME/stateset, or ~/.config/stateset). The folder is 0700 and the files are 0600;
// what others could read or write is refused, not used.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stateset::cli::client {

struct Profile {
    std::string name;
    std::string server;   // "http://127.0.0.1:8080", without a path
    std::string email;    // of who signed in with a password
    std::string api_key;  // either this, or tokens
    std::string access_token, refresh_token;
    std::int64_t expires_at = 0;  // of the access token, in Unix seconds
};

class Profiles {
  public:
    Profiles();  // throws Failure(usage) when there is no home to keep them in

    std::optional<Profile> read(const std::string& name) const;
    void write(const Profile&) const;  // whole or not at all
    bool remove(const std::string& name) const;
    std::vector<std::string> names() const;

    // The one that counts when nobody names one.
    std::string current() const;
    void make_current(const std::string& name) const;

    // Runs while no other process that asks the same is at it, so that two do not both use up one
    // refresh token.
    void alone(const std::string& name, const std::function<void()>&) const;

    const std::string& folder() const { return folder_; }

  private:
    std::string file_of(const std::string& name) const;
    void make_folder() const;

    std::string folder_;
};

}  // namespace stateset::cli::client

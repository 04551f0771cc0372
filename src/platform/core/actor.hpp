#pragma once
// Who acts: a user, an API key or the server itself, in one tenant, with the permissions it has at
// this moment.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/id.hpp"
#include "platform/core/reflect.hpp"

namespace stateset {

// "orders:read", with wildcards "orders:*", "*:read" and "*".
class Permissions {
  public:
    Permissions() = default;
    explicit Permissions(std::vector<std::string> granted) : granted_(std::move(granted)) {}
    bool allow(std::string_view needed) const {
        for (const auto& one : granted_) {
            if (covers(one, needed)) return true;
        }
        return false;
    }
    const std::vector<std::string>& granted() const { return granted_; }

    static bool covers(std::string_view granted, std::string_view needed) {
        if (granted == "*" || granted == needed) return true;
        auto colon = granted.find(':'), cut = needed.find(':');
        if (colon == granted.npos || cut == needed.npos) return false;
        auto part = [](std::string_view have, std::string_view want) {
            return have == "*" || have == want;
        };
        return part(granted.substr(0, colon), needed.substr(0, cut)) &&
               part(granted.substr(colon + 1), needed.substr(cut + 1));
    }

  private:
    std::vector<std::string> granted_;
};

struct Actor {
    enum class Kind { system, user, api_key };
    Kind kind = Kind::system;
    Tenant tenant = no_tenant;
    Uuid id;               // of the user or the key
    Uuid user_id;          // the user, also behind a key
    std::string token_id;  // the access token's jti, for logout
    std::shared_ptr<const Permissions> permissions = std::make_shared<Permissions>();

    bool may(std::string_view permission) const {
        return kind == Kind::system || permissions->allow(permission);
    }
    std::string text() const {
        if (kind == Kind::system) return "system";
        return std::string(reflect::name(kind)) + ":" + to_string(id);
    }
};

inline Actor system_actor(Tenant tenant) { return {.tenant = tenant}; }

}  // namespace stateset

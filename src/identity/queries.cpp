#include "identity/identity.hpp"
#include "sql.hpp"

namespace stateset::identity {

User user(Reads& reads, const Actor&, const UserById& wanted) {
    return reads.one<User>(sql::identity::user, wanted);
}

Page<User> users(Reads& reads, const Actor&, const ListUsers& wanted) {
    return reads.page<User>(sql::identity::users, wanted);
}

Role role(Reads& reads, const Actor&, const RoleById& wanted) {
    return reads.one<Role>(sql::identity::role, wanted);
}

Page<Role> roles(Reads& reads, const Actor&, const ListRoles& wanted) {
    return reads.page<Role>(sql::identity::roles, wanted);
}

ListedApiKey api_key(Reads& reads, const Actor&, const ApiKeyById& wanted) {
    return reads.one<ListedApiKey>(sql::identity::api_key, wanted);
}

Page<ListedApiKey> api_keys(Reads& reads, const Actor&, const ListApiKeys& wanted) {
    return reads.page<ListedApiKey>(sql::identity::api_keys, wanted);
}

}  // namespace stateset::identity

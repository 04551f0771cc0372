// No query asks over tenants unless it must. Every statement of every slice names the tenant; those
// that do not are listed here with the reason. What the routes answer is tested route by route in
// generated_test.cpp.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace stateset {
namespace {

namespace fs = std::filesystem;

constexpr const char* worker =
    "a worker of the installation asks for all tenants at once; each row says whose it is";
constexpr const char* caller_unknown =
    "asked to find out whose a credential is; the answer names the tenant";
constexpr const char* no_rows = "reads no rows of tenants";

// Statements without the tenant, by folder and name; both dialects.
const std::map<std::string, const char*> over_all_tenants{
    {"events/forgettable", worker},
    {"flows/turns", worker},
    {"flows/waiting", worker},
    {"identity/by_email", "for the operator of the machine, who has no tenant"},
    {"identity/ended_sessions", worker},
    {"identity/login", caller_unknown},
    {"identity/permissions", "takes the tenant by another name, before there is a caller"},
    {"identity/standing_of_key", caller_unknown},
    {"identity/standing_of_session", caller_unknown},
    {"identity/tenant", "for the operator of the machine, who has no tenant"},
    {"identity/tenant_of_session", caller_unknown},
    {"identity/tenants", "for the operator of the machine, who has no tenant"},
    {"inventory/due", worker},
    {"inventory/location_changes", worker},
    {"inventory/lots_due", worker},
    {"inventory/outdated", worker},
    {"jobs/old_chunks", worker},
    {"jobs/running_exports", worker},
    {"jobs/running_imports", worker},
    {"notifications/any_message", worker},
    {"notifications/built_in_templates", "templates that came with the server are nobody's"},
    {"notifications/delivered_before", worker},
    {"notifications/due", worker},
    {"notifications/end_of_log", worker},
    {"notifications/messages_of_customer", worker},
    {"notifications/recipients", worker},
    {"notifications/templates_for", worker},
    {"notifications/trackings", worker},
    {"payments/pending_of_charge", "a gateway names its charge; the answer names the tenant"},
    {"payments/pending_operation", "a gateway names our operation; the answer names the tenant"},
    {"platform/events/chunk", worker},
    {"platform/events/head", worker},
    {"platform/store/expired_records", worker},
    {"platform/work/clock", no_rows},
    {"platform/work/due", worker},
    {"shipments/reported", "a carrier names its parcel; the answer names the tenant"},
    {"system/alive", no_rows},
    {"warranties/over", worker},
    {"webhooks/any_enabled", worker},
    {"webhooks/candidates", worker},
    {"webhooks/ended_before", worker},
    {"webhooks/listening", worker},
    {"webhooks/orphans", worker},
    {"webhooks/owed", "takes the tenant by another name: a courier sends for all of them"},
    {"webhooks/replays", worker},
};

std::string statement(const fs::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    std::string line;
    while (std::getline(in, line)) {
        if (!line.starts_with("--")) text << line << '\n';
    }
    return text.str();
}

// "orders/list" of src/orders/sql/list.sqlite.sql.
std::string name_of(const fs::path& file) {
    auto folder = fs::relative(file.parent_path().parent_path(), fs::path(STATESET_SOURCE) / "src");
    auto name = file.filename().string();
    return (folder / name.substr(0, name.find('.'))).string();
}

TEST(Isolation, every_query_names_the_tenant_or_says_why_not) {
    std::map<std::string, bool> seen;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(STATESET_SOURCE) / "src")) {
        const auto& file = entry.path();
        if (file.extension() != ".sql" || file.parent_path().filename() != "sql") continue;
        auto name = name_of(file);
        if (name.starts_with("flows/verify_")) continue;  // laws are about all tenants
        bool bound = statement(file).find("tenant = :tenant") != std::string::npos;
        bool excused = over_all_tenants.contains(name);
        seen[name] = true;
        EXPECT_TRUE(bound || excused)
            << file << " asks over all tenants. Write `tenant = :tenant`, or list it in "
            << "over_all_tenants (tests/isolation_test.cpp) with the reason.";
        EXPECT_FALSE(bound && excused) << name << " needs no excuse any more";
    }
    EXPECT_GT(seen.size(), 150u);
    for (const auto& [name, reason] : over_all_tenants) {
        EXPECT_TRUE(seen.contains(name)) << name << " is excused and does not exist";
    }
}

}  // namespace
}  // namespace stateset

#pragma once
// The database that a Server works on: the file in its folder, or, where STATESET_TEST_DATABASE
// names a PostgreSQL server (postgres://…, a user who may create databases), a database of its own
// there. That one is copied from a template which the first test to need it migrates, and is
// dropped with the Server. Under ctest the server is the one of tools/cluster.py;
// STATESET_TEST_CLUSTER names the file with its addresses.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace stateset::support {

bool on_postgres();

class Database {
  public:
    virtual ~Database() = default;
    // `folder` is where the embedded database goes; a new one on PostgreSQL is migrated already
    // unless it should be `empty`.
    static std::unique_ptr<Database> make(const std::filesystem::path& folder, bool empty);

    // How every subcommand of the binary is told where it is.
    virtual std::vector<std::string> arguments() const = 0;
    // Asks it behind the server's back, or changes it so, by one or more statements. Values as
    // text, null as "".
    using Rows = std::vector<std::vector<std::string>>;
    virtual Rows ask(const std::string& sql) const = 0;
    // An id as it is written in a statement.
    virtual std::string literal(const std::string& id) const = 0;
};

}  // namespace stateset::support

// For what PostgreSQL has no counterpart of. Every other journey runs on both.
#define ONLY_ON_SQLITE(why) \
    if (::stateset::support::on_postgres()) GTEST_SKIP() << "only on SQLite: " << (why)

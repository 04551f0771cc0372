#pragma once
// Where the data lies: a folder with the embedded SQLite, or a PostgreSQL server. Everything above
// asks for stores, readers and migrations here and never learns which of the two it is.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/store/migrations.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/store.hpp"

namespace stateset::store {

struct Place {
    std::string folder;                              // of the embedded database
    std::optional<std::string> url;                  // postgres://…; then the folder is not used
    std::optional<std::string> replica_url;          // of a streaming replica that may answer reads
    std::function<void(std::string_view)> log = {};  // what only the operator may see
};

// A store for the commands everybody waits for gives up a locked row after a moment; one for
// commands that met such a row waits longer.
enum class Lane { main, slow };

class Database {
  public:
    virtual ~Database() = default;
    // Other processes may work on the same data.
    virtual bool shared() const = 0;
    // Throws std::runtime_error: see migrations.hpp.
    virtual MigrationReport migrate(Migrate) = 0;
    // Null when the database has no use for this lane.
    virtual std::unique_ptr<Store> open_store(Lane) = 0;
    // `most` bounds one statement, so that no query holds up the others for longer.
    virtual std::unique_ptr<Reader> open_reader(
        std::chrono::milliseconds most = std::chrono::seconds(5)) = 0;
    virtual std::string name() const = 0;  // for messages; holds no password
};

// Opens nothing yet, except that the embedded database's folder is made.
std::unique_ptr<Database> open_database(Place);

namespace sqlite {
std::unique_ptr<Database> database(const Place&);
}
namespace postgres {
std::unique_ptr<Database> database(const Place&);
}

}  // namespace stateset::store

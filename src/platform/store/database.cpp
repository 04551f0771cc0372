#include "platform/store/database.hpp"

#include <filesystem>

#include "platform/store/checkpointer.hpp"
#include "platform/store/folder_lock.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::store {
namespace sqlite {
namespace {

class FileDatabase final : public Database {
  public:
    explicit FileDatabase(const Place& place)
        : folder_(place.folder),
          file_((std::filesystem::path(place.folder) / "stateset.db").string()),
          log_(place.log) {
        std::filesystem::create_directories(folder_);
    }

    bool shared() const override { return false; }

    MigrationReport migrate(Migrate how) override {
        lock();
        Connection connection(file_, Access::write);
        return sqlite::migrate(connection, how);
    }

    // One process writes, so nobody ever holds a row for long.
    std::unique_ptr<Store> open_store(Lane lane) override {
        if (lane == Lane::slow) return nullptr;
        lock();
        auto store = sqlite::open_store(file_);
        checkpointer_ = std::make_unique<Checkpointer>(file_, Checkpointer::Options{.log = log_});
        return store;
    }

    std::unique_ptr<Reader> open_reader(std::chrono::milliseconds) override {
        return sqlite::open_reader(file_);
    }

    std::string name() const override { return file_; }

  private:
    // Not for readers: a folder may be looked into while another process serves it.
    void lock() {
        if (!lock_) lock_ = std::make_unique<FolderLock>(folder_);
    }

    std::string folder_, file_;
    std::function<void(std::string_view)> log_;
    std::unique_ptr<FolderLock> lock_;
    std::unique_ptr<Checkpointer> checkpointer_;
};

}  // namespace

std::unique_ptr<Database> database(const Place& place) {
    return std::make_unique<FileDatabase>(place);
}

}  // namespace sqlite

std::unique_ptr<Database> open_database(Place place) {
    return place.url ? postgres::database(place) : sqlite::database(place);
}

}  // namespace stateset::store

// A PostgreSQL server, as Database shows it. Nothing is kept here: instances are stateless.

#include "platform/store/database.hpp"
#include "platform/store/postgres.hpp"

namespace stateset::store::postgres {
namespace {

using std::chrono::milliseconds;

// A row that somebody holds delays everybody's batch for this long, and in the slow lane the
// commands that need it.
constexpr milliseconds main_lane_waits{200}, slow_lane_waits{2000};
constexpr milliseconds main_lane_statement{3000}, slow_lane_statement{6000};

class ServerDatabase final : public Database {
  public:
    explicit ServerDatabase(const Place& place)
        : url_(place.url.value()), replica_url_(place.replica_url.value_or("")) {}

    bool shared() const override { return true; }

    MigrationReport migrate(Migrate how) override { return postgres::migrate(url_, how); }

    std::unique_ptr<Store> open_store(Lane lane) override {
        bool slow = lane == Lane::slow;
        return postgres::open_store(
            {.url = url_,
             .lock_timeout = slow ? slow_lane_waits : main_lane_waits,
             .statement_timeout = slow ? slow_lane_statement : main_lane_statement});
    }

    std::unique_ptr<Reader> open_reader(milliseconds most) override {
        return postgres::open_reader(
            {.primary = url_, .replica = replica_url_, .statement_timeout = most});
    }

    std::string name() const override { return shown(url_); }

  private:
    std::string url_, replica_url_;
};

}  // namespace

std::unique_ptr<Database> database(const Place& place) {
    return std::make_unique<ServerDatabase>(place);
}

}  // namespace stateset::store::postgres

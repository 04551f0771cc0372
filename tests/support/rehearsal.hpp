#pragma once
// Everything is tried before it is done: while a Rehearsal lives, each command that a Client of
// this process sends goes out with `dry_run=true` first, and both answers must be the same but for
// ids, times and secrets. With STATESET_TEST_REHEARSED=1 one lives as long as the process, and at
// its end every command of the endpoint table must have been tried and done with success.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "support/client.hpp"
#include "support/database.hpp"

namespace stateset::support {

class Rehearsal {
  public:
    // `watched` tells what no dry run may change; asked before and after each.
    using Watched = std::function<std::map<std::string, std::string>()>;
    explicit Rehearsal(Watched watched = {});
    ~Rehearsal();
    Rehearsal(const Rehearsal&) = delete;
    Rehearsal& operator=(const Rehearsal&) = delete;

    // Names of the commands ("orders_cancel") that succeeded both when tried and when done, so far
    // in this process.
    static std::set<std::string> succeeded();

  private:
    Reply both(Client&, const Client::Message&);
    void compare(const std::string& operation, bool waits, const Client::Message&,
                 const Reply& tried, const Reply& done);
    Reply watched_try(Client&, const Client::Message&);

    Watched watched_;
    std::function<Reply(Client&, const Client::Message&)> before_;
};

// Names of all commands that can be tried.
std::set<std::string> all_commands();

// The content of every table, as text, but of those that the server writes to by itself.
std::map<std::string, std::string> content_of_tables(const Database&);

}  // namespace stateset::support

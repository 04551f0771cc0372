// The edge between a request and its endpoint, with doors of the test's own: who asks, how long it
// takes and how much may be under way is decided here.

#include "platform/http/edge.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "platform/store/memory_store.hpp"

namespace stateset::http {
namespace {

using namespace std::chrono_literals;

struct Word {
    std::string text;
};
struct Say {
    Text<20> text;
};

Word say(Desk&, const Actor&, const Say& wanted) { return {wanted.text}; }
Word read_word(Desk&, const Actor&, const Nothing&) { return {"well"}; }

// A command that holds up those behind it until it is told to go on.
std::promise<void> begun, go_on;
std::atomic<int> carried_out = 0;
Word carry_out(Tx&, const Actor&, const Say& wanted) {
    if (wanted.text.value == "wait") {
        begun.set_value();
        go_on.get_future().wait();
    } else {
        ++carried_out;
    }
    return {wanted.text};
}

// Reads nothing: no route of these tests does.
class NoRows final : public store::Reader {
  public:
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    void begin() override {}
    void end() noexcept override {}
    void query(std::string_view, const store::Parameters&,
               const std::function<void(const std::vector<std::string_view>&)>&,
               const std::function<void(store::Row)>&) override {}
};

// Knows everybody at once, or keeps them waiting until told.
class Doorman final : public Authenticator {
  public:
    void identify(std::string, std::function<void(Actor)> known,
                  std::function<void(Refusal)>) override {
        if (!waits) return known(system_actor(1));
        std::scoped_lock lock(mutex_);
        waiting_.push_back(std::move(known));
    }
    void let_in() {
        std::scoped_lock lock(mutex_);
        for (auto& known : waiting_) known(system_actor(1));
        waiting_.clear();
    }
    bool waits = false;

  private:
    std::mutex mutex_;
    std::vector<std::function<void(Actor)>> waiting_;
};

class Strict final : public Limiter {
  public:
    int address(const std::string& peer) override { return peer == "10.0.0.1" ? 7 : 0; }
    int caller(const Actor&, const Endpoint&, Response* headers) override {
        headers->headers.push_back({"RateLimit", "\"caller\";r=1;t=1"});
        return 0;
    }
};

class EdgeTest : public ::testing::Test {
  protected:
    EdgeTest() {
        auto group = api_.group("/words", "Words");
        group.post("", say, {.summary = "Say", .status = 200});
        group.post("/once", carry_out, {.summary = "Do", .status = 200});
        group.get("", read_word, {.summary = "Read", .priority = Priority::list});
        group.get("/urgent", read_word, {.summary = "Read now", .priority = Priority::payment});
    }
    void TearDown() override {
        doorman_.let_in();
        desk_.stop();  // before the edge goes, as at the end of the server
        edge_.reset();
    }
    Edge& edge(Edge::Options options = {}) {
        edge_ = std::make_unique<Edge>(api_, engine_, doorman_, &limiter_, std::move(options));
        return *edge_;
    }
    std::future<Response> ask(Edge& edge, std::string method, std::string path,
                              std::string body = {}, std::vector<Header> headers = {}) {
        auto promise = std::make_shared<std::promise<Response>>();
        Request request{.method = std::move(method),
                        .path = std::move(path),
                        .headers = std::move(headers),
                        .body = std::move(body),
                        .peer = peer_};
        request.target = request.path;
        request.headers.push_back({"Authorization", "Bearer me"});
        edge.handle(std::move(request), Reply([promise](Response response) {
                        promise->set_value(std::move(response));
                    }));
        return promise->get_future();
    }
    static std::string header(const Response& response, std::string_view name) {
        for (const auto& each : response.headers) {
            if (same_name(each.name, name)) return each.value;
        }
        return {};
    }

    Api api_;
    Committer committer_{std::make_unique<store::MemoryStore>(), {}};
    ReadPool reads_{[] { return std::make_unique<NoRows>(); },
                    std::make_shared<const Cursors>("secret"),
                    {.threads = 1}};
    DeskPool desk_{{}};
    Waiting waiting_;
    Engine engine_{committer_, reads_, desk_, waiting_};
    Doorman doorman_;
    Strict limiter_;
    std::unique_ptr<Edge> edge_;
    std::string peer_ = "10.0.0.2";
};

TEST_F(EdgeTest, answers_with_the_headers_of_its_limits_and_the_callers_request_id) {
    int logged = 0;
    auto& here = edge({.log = [&](const Call&, int status) { logged = status; }});
    auto response =
        ask(here, "POST", "/api/v1/words", R"({"text":"hello"})", {{"Request-Id", "mine"}}).get();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"text":"hello"})");
    EXPECT_EQ(header(response, "Request-Id"), "mine");
    EXPECT_EQ(header(response, "RateLimit"), "\"caller\";r=1;t=1");
    desk_.stop();
    EXPECT_EQ(logged, 200);
}

TEST_F(EdgeTest, counts_an_address_before_it_looks_at_the_path) {
    peer_ = "10.0.0.1";
    auto response = ask(edge(), "GET", "/nothing/here").get();
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(header(response, "Retry-After"), "7");
}

TEST_F(EdgeTest, does_not_count_what_a_trusted_proxy_asks_for_itself) {
    peer_ = "10.0.0.1";
    auto& here = edge({.proxies = TrustedProxies("10.0.0.1")});
    EXPECT_EQ(ask(here, "POST", "/api/v1/words", R"({"text":"ready?"})").get().status, 200);
}

TEST_F(EdgeTest, answers_when_finding_out_who_asks_takes_too_long_and_then_does_nothing) {
    doorman_.waits = true;
    auto& here = edge({.deadline = 50ms});
    auto answer = ask(here, "POST", "/api/v1/words", R"({"text":"late"})");
    ASSERT_EQ(answer.wait_for(5s), std::future_status::ready);
    auto response = answer.get();
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("timed_out"), std::string::npos) << response.body;
    EXPECT_FALSE(header(response, "Retry-After").empty());
    doorman_.let_in();  // must not answer a second time: a promise would throw
}

TEST_F(EdgeTest, sheds_lists_first_and_what_is_urgent_last) {
    doorman_.waits = true;
    auto& here = edge({.in_flight = 10});
    std::vector<std::future<Response>> waiting;
    for (int i = 0; i < 6; ++i) waiting.push_back(ask(here, "GET", "/api/v1/words"));
    auto list = ask(here, "GET", "/api/v1/words").get();
    EXPECT_EQ(list.status, 503);
    EXPECT_FALSE(header(list, "Retry-After").empty());
    for (int i = 0; i < 4; ++i) waiting.push_back(ask(here, "GET", "/api/v1/words/urgent"));
    EXPECT_EQ(ask(here, "GET", "/api/v1/words/urgent").get().status, 503);
    doorman_.let_in();
    for (auto& each : waiting) EXPECT_EQ(each.get().status, 200);
    doorman_.waits = false;
    EXPECT_EQ(ask(here, "GET", "/api/v1/words").get().status, 200);
}

TEST_F(EdgeTest, knows_methods_and_escaped_paths) {
    auto& here = edge();
    auto options = ask(here, "OPTIONS", "/api/v1/words").get();
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(header(options, "Allow"), "HEAD, OPTIONS, GET, POST");
    auto wrong = ask(here, "DELETE", "/api/v1/words").get();
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(header(wrong, "Allow"), "HEAD, OPTIONS, GET, POST");
    EXPECT_EQ(ask(here, "GET", "/api/v1/%77ords").get().status, 200);
    EXPECT_EQ(ask(here, "GET", "/api/v1%2Fwords").get().status, 404);
    EXPECT_EQ(ask(here, "GET", "/api/v1/words/").get().status, 404);
    EXPECT_EQ(ask(here, "GET", "/api/v1/words/%").get().status, 404);
    EXPECT_EQ(ask(here, "GET", "*").get().status, 404);
}

TEST_F(EdgeTest, reads_json_only_in_utf_8_and_uncompressed) {
    auto& here = edge();
    auto status = [&](std::vector<Header> headers) {
        return ask(here, "POST", "/api/v1/words", R"({"text":"x"})", std::move(headers))
            .get()
            .status;
    };
    EXPECT_EQ(status({}), 200);
    EXPECT_EQ(status({{"Content-Type", "application/json; charset=UTF-8"}}), 200);
    EXPECT_EQ(status({{"Content-Type", "Application/JSON"}}), 200);
    EXPECT_EQ(status({{"Content-Type", "application/json;charset=latin1"}}), 415);
    EXPECT_EQ(status({{"Content-Type", "application/merge-patch+json"}}), 415);
    EXPECT_EQ(status({{"Content-Encoding", "gzip"}}), 415);
    EXPECT_EQ(status({{"Content-Encoding", "identity"}}), 200);
}

// As a gRPC client that cancels, or whose deadline comes.
TEST_F(EdgeTest, leaves_undone_what_has_not_begun_when_its_client_goes) {
    auto& here = edge();
    auto first = ask(here, "POST", "/api/v1/words/once", R"({"text":"wait"})");
    begun.get_future().wait();
    Request request{.method = "POST",
                    .path = "/api/v1/words/once",
                    .headers = {{"Authorization", "Bearer me"}},
                    .body = R"({"text":"go"})",
                    .peer = peer_};
    std::promise<Response> answer;
    auto call =
        here.handle(std::move(request),
                    Reply([&](Response response) { answer.set_value(std::move(response)); }));
    call.lock()->expire();
    EXPECT_EQ(answer.get_future().get().status, 503);
    auto third = ask(here, "POST", "/api/v1/words/once", R"({"text":"also"})");
    go_on.set_value();
    EXPECT_EQ(first.get().status, 200);
    EXPECT_EQ(third.get().status, 200);
    EXPECT_EQ(carried_out, 1) << "the third alone";
}

TEST_F(EdgeTest, has_no_more_patience_than_whoever_asks) {
    auto& here = edge();
    doorman_.waits = true;
    Request request{.method = "GET",
                    .path = "/api/v1/words",
                    .headers = {{"Authorization", "Bearer me"}},
                    .peer = peer_};
    std::promise<Response> answer;
    auto began = std::chrono::steady_clock::now();
    here.handle(std::move(request),
                Reply([&](Response response) { answer.set_value(std::move(response)); }),
                began + 20ms);
    EXPECT_EQ(answer.get_future().get().status, 503);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

}  // namespace
}  // namespace stateset::http

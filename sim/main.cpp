// stateset-sim: does random things to the whole house, with faults and crashes, and compares it
// after every step with a house that does one thing after another. A seed says everything: the same
// seed does the same again.

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <iostream>

#include "nouns.hpp"

namespace stateset::sim {
namespace {

constexpr int most_tries = 4;  // to find something that can be done

struct Plan {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    int steps = 60;
    bool tell = false, stats = false, all_commands = false;
};

struct Answers {
    std::uint64_t done = 0;
    std::map<std::string, std::uint64_t> refused;
};

struct Totals {
    std::uint64_t actions = 0, done = 0;
    std::map<std::string, Answers> by_route;
    World::Happened happened;
};

// It takes many steps from an order to the second try of the refund for its return.
constexpr std::string_view of_a_sale[] = {"orders", "payments", "shipments", "returns"};

// Each seed is fond of some nouns, so that things happen to them one after the other that would be
// far apart when everything is as likely as anything else; some are about sales and little else.
std::vector<Noun> nouns_for(Random& random) {
    auto all = nouns();
    bool sales = random.chance(30);
    for (auto& noun : all) {
        auto fondness = random.one_of(std::array{1, 2, 2, 6});
        if (sales && std::ranges::find(of_a_sale, noun.name) != std::end(of_a_sale)) fondness = 30;
        for (auto& way : noun.ways) way.weight *= fondness;
    }
    return all;
}

const Way& any_way(Random& random, const std::vector<Noun>& nouns) {
    std::int64_t all = 0;
    for (const auto& noun : nouns) {
        for (const auto& way : noun.ways) all += way.weight;
    }
    auto at = random.below(all);
    for (const auto& noun : nouns) {
        for (const auto& way : noun.ways) {
            if ((at -= way.weight) < 0) return way;
        }
    }
    throw std::logic_error("the weights do not add up");
}

std::vector<Action> some_actions(Random& random, const std::vector<Noun>& nouns, Model& model,
                                 World& world) {
    std::vector<Action> actions;
    for (auto wanted = random.between(1, 6); wanted > 0; --wanted) {
        std::optional<Action> action;
        for (int tries = 0; tries < most_tries && !action; ++tries) {
            const auto& way = any_way(random, nouns);
            action = way.propose(random, model, world);
            if (action && action->route.empty()) action->route = way.route;
        }
        if (action) actions.push_back(std::move(*action));
    }
    return actions;
}

// What the model says to an action; when it refuses, nothing has changed.
std::string expected_of(const Action& action, Model& model) {
    auto before = model;
    auto expected = action.expect(model);
    if (expected != ok) model = std::move(before);
    return expected;
}

// One batch: carried out, expected, compared.
void step(const Plan& plan, Random& random, const std::vector<Noun>& nouns, Model& model,
          World& world, Totals& totals) {
    if (random.chance(10)) world.pass(hours(random.between(1, 30)));
    world.pass(seconds(1));
    model.now = world.now();
    model.stock.today = date_of(model.now);
    auto actions = some_actions(random, nouns, model, world);
    if (actions.empty()) return;
    std::vector<World::Work> works;
    for (const auto& action : actions) works.push_back(action.work);
    for (const auto& told : world.together(works)) {
        const auto& action = actions[told.which];
        if (plan.tell) {
            std::cout << "  " << action.text << ": " << told.code
                      << (told.detail.empty() ? "" : " (" + told.detail + ")") << "\n";
        }
        auto expected = expected_of(action, model);
        auto& answers = totals.by_route[action.route];
        ++totals.actions;
        if (told.code == ok) ++totals.done, ++answers.done;
        if (told.code != ok) ++answers.refused[told.code];
        if (expected != told.code) {
            throw Broken(action.text + " was answered " + told.code + " (" + told.detail +
                         "), the model says " + expected);
        }
    }
    for (const auto& noun : nouns) noun.compare(world, model);
    world.require_that_laws_hold();
}

void run(const Plan& plan, std::uint64_t seed, const std::string& folder, Totals& totals) {
    World world(seed, folder);
    Model model;
    Random random(seed);
    auto nouns = nouns_for(random);
    furnish(world, model);
    int at = 0;
    try {
        for (; at < plan.steps; ++at) {
            if (plan.tell) std::cout << "step " << at << "\n";
            step(plan, random, nouns, model, world, totals);
        }
    } catch (const std::exception& broken) {
        throw Broken("seed " + std::to_string(seed) + ", step " + std::to_string(at) + ": " +
                     broken.what());
    }
    totals.happened.faults += world.happened().faults;
    totals.happened.crashes += world.happened().crashes;
    totals.happened.sent_again += world.happened().sent_again;
}

void report(const Plan& plan, const Totals& totals) {
    std::cout << plan.seeds << " seeds from " << plan.seed << ", " << totals.actions
              << " actions: " << totals.done << " done, " << totals.actions - totals.done
              << " refused; " << totals.happened.faults << " faults, " << totals.happened.crashes
              << " crashes, " << totals.happened.sent_again << " sent again\n";
    if (!plan.stats) return;
    for (const auto& [route, answers] : totals.by_route) {
        std::cout << "  " << route << ": " << answers.done << " done";
        for (const auto& [code, times] : answers.refused) std::cout << ", " << times << " " << code;
        std::cout << "\n";
    }
}

// Which commands of the endpoint table nobody ever carried out.
std::vector<std::string> never_done(const Totals& totals) {
    std::vector<std::string> missing;
    for (const auto& command : commands()) {
        auto found = totals.by_route.find(command);
        if (found == totals.by_route.end() || found->second.done == 0) missing.push_back(command);
    }
    return missing;
}

// What a noun calls a route must be one, or a worker.
void require_known_routes() {
    auto known = routes_of_the_table();
    for (const auto& noun : nouns()) {
        for (const auto& way : noun.ways) {
            bool worker = way.route.starts_with("worker: ");
            if (!worker && std::ranges::find(known, way.route) == known.end()) {
                throw std::logic_error("there is no route " + way.route);
            }
        }
    }
}

// A folder for the copy that is judged, in memory where the system has such a place.
struct Folder {
    std::string path;
    Folder() {
        std::filesystem::path root = "/dev/shm";
        if (!std::filesystem::is_directory(root)) root = std::filesystem::temp_directory_path();
        auto pattern = (root / "stateset-sim-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        path = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

int simulate(const Plan& plan) {
    require_known_routes();
    Folder folder;
    Totals totals;
    for (auto seed = plan.seed; seed < plan.seed + plan.seeds; ++seed) {
        try {
            run(plan, seed, folder.path, totals);
        } catch (const Broken& broken) {
            std::cerr << broken.what() << "\nagain: stateset-sim --seed " << seed << " --steps "
                      << plan.steps << " --tell\n";
            return 1;
        }
    }
    report(plan, totals);
    if (!plan.all_commands) return 0;
    auto missing = never_done(totals);
    for (const auto& command : missing) std::cerr << "never done: " << command << "\n";
    return missing.empty() ? 0 : 1;
}

}  // namespace
}  // namespace stateset::sim

int main(int argc, char** argv) {
    CLI::App cli(
        "Does random things to the whole house, with faults and crashes, and compares it "
        "after every step with a plain model.");
    stateset::sim::Plan plan;
    cli.add_option("--seed", plan.seed, "The first seed")->capture_default_str();
    cli.add_option("--seeds", plan.seeds, "How many, one after the other")->capture_default_str();
    cli.add_option("--steps", plan.steps, "Batches of one seed")->capture_default_str();
    cli.add_flag("--tell", plan.tell, "Print each action and its answer");
    cli.add_flag("--stats", plan.stats, "Print how often each command was answered what");
    cli.add_flag("--all-commands", plan.all_commands,
                 "Fail when a command of the endpoint table was never carried out");
    CLI11_PARSE(cli, argc, argv);
    return stateset::sim::simulate(plan);
}

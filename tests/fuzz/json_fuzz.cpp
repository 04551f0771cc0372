// Any bytes as a request body: they are refused, or they are read and mean the same when written
// and read again. Everything else is a crash. Build with -fsanitize=fuzzer,address,undefined.

#include <cstdint>
#include <cstdlib>

#include "platform/json/decode.hpp"
#include "platform/json/writer.hpp"

namespace {

using namespace stateset;

struct ThingTag;
enum class Colour { red, dark_blue };

struct Part {
    std::optional<Text<8>> sku;
    std::optional<Int<1, 1'000>> quantity;
    std::optional<Amount> price;
    std::optional<Time> at;
    std::optional<Date> on;
    std::optional<Email> email;
    std::optional<Id<ThingTag>> id;
    std::optional<Currency> currency;
    std::optional<Money> money;
    std::optional<Colour> colour;
    std::optional<bool> flag;
};

struct Body {
    Metadata metadata;
    List<Part, 0, 5> parts;
    std::optional<RawJson> raw;
    std::optional<std::string> text;
    std::vector<std::int64_t> numbers;
    Flat<Part> part;
};

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        auto tape = json::parse(text);
        std::string once, twice;
        json::write(once, tape.root());
        auto again = json::parse(once);
        json::write(twice, again.root());
        demand(once == twice);

        auto body = json::decode<Body>(tape);
        auto stored = json::stored_text(body);
        demand(json::stored_text(json::read<Body>(stored)) == stored);
    } catch (const Refusal& refusal) {
        demand(!refusal.faults().empty() && refusal.faults().size() <= json::Faults::most);
    }
    json::Faults faults;
    Part part;
    reflect::for_each_field(part, [&](std::string_view, auto& member) {
        json::decode_text_into(text, member, faults, "?x");
    });
    return 0;
}

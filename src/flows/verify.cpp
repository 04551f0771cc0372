#include "flows/verify.hpp"

#include "platform/store/tx.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

// One broken rule may show in every row; the first ones tell which rule.
constexpr std::size_t most_of_one_check = 100;
constexpr std::string_view prefix = "flows.verify_";

std::string text_of(const store::Value& value) {
    if (auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (auto* id = std::get_if<Uuid>(&value)) return to_string(*id);
    if (auto* text = std::get_if<std::string>(&value)) return *text;
    return "";
}

Finding finding_of(const store::Row& row) {
    return {.tenant = std::get<std::int64_t>(row[0]),
            .table = text_of(row[1]),
            .id = text_of(row[2]),
            .problem = text_of(row[3])};
}

void check(store::Reader& reader, const sql::Query& query, std::vector<Finding>& findings) {
    std::size_t found = 0;
    auto ask = [&] {
        reader.query(
            store::rendered(query.in(reader.dialect()), {}), {},
            [](const std::vector<std::string_view>&) {},
            [&](store::Row row) {
                if (found++ < most_of_one_check) findings.push_back(finding_of(row));
            });
    };
    try {
        ask();
    } catch (const store::Miss&) {
        reader.fetch();
        ask();
    }
}

}  // namespace

Verified verify(store::Reader& reader) {
    Verified result;
    reader.begin();
    struct End {
        store::Reader& reader;
        ~End() { reader.end(); }
    } end{reader};
    for (const auto* query : sql::all) {
        if (!query->name.starts_with(prefix)) continue;
        check(reader, *query, result.findings);
        ++result.checks;
    }
    return result;
}

}  // namespace stateset::flows

#include <map>

#include "returns/returns.hpp"
#include "sql.hpp"

namespace stateset::returns {
namespace {

// The rows of a page are those that its filters leave between its newest and its oldest.
struct OnPage {
    std::optional<orders::OrderId> order_id;
    std::optional<customers::CustomerId> customer_id;
    std::optional<Status> status;
    std::optional<Text<40>> rma_number;
    std::optional<Time> created_after, created_before;
    ReturnId oldest, newest;
};

void add_items(Reads& reads, const ListReturns& wanted, std::vector<ReturnRow>& rows) {
    OnPage page{.order_id = wanted.order_id,
                .customer_id = wanted.customer_id,
                .status = wanted.status,
                .rma_number = wanted.rma_number,
                .created_after = wanted.created_after,
                .created_before = wanted.created_before,
                .oldest = rows.back().returned_goods->id,
                .newest = rows.front().returned_goods->id};
    std::map<ReturnId, std::vector<ReturnItem>> items;
    for (auto& item : reads.all<ReturnItem>(sql::returns::items_of_page, page)) {
        items[item.return_id].push_back(std::move(item));
    }
    for (auto& row : rows) row.items.value = std::move(items[row.returned_goods->id]);
}

}  // namespace

ReturnView one(Reads& reads, const Actor&, const ReturnById& wanted) {
    return {.returned_goods = {reads.one<Return>(sql::returns::by_id, wanted)},
            .items = reads.all<ReturnItem>(sql::returns::items, wanted),
            .refunds = reads.all<payments::Refund>(sql::returns::refunds, wanted)};
}

Page<ReturnRow> list(Reads& reads, const Actor&, const ListReturns& wanted) {
    auto found = reads.page<Return>(sql::returns::list, wanted);
    Page<ReturnRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    for (auto& goods : found.data) {
        page.data.push_back({.returned_goods = {std::move(goods)}, .items = {}});
    }
    if (!wanted.expand.empty() && !page.data.empty()) add_items(reads, wanted, page.data);
    return page;
}

}  // namespace stateset::returns

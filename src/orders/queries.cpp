#include <algorithm>
#include <map>

#include "orders/orders.hpp"
#include "sql.hpp"

namespace stateset::orders {
namespace {

bool asks_for(const std::vector<Expand>& expand, Expand part) {
    return std::ranges::find(expand, part) != expand.end();
}

struct CustomerOf {
    customers::CustomerId customer_id;
};

OrderView whole(Reads& reads, Order order, const std::vector<Expand>& expand) {
    OrderView shown{.order = {std::move(order)}, .items = {}, .customer = {}};
    shown.items = reads.all<Line>(sql::orders::items, ItemsOf{shown.order->id});
    if (asks_for(expand, Expand::customer)) {
        shown.customer.value = reads.one<customers::Customer>(sql::orders::customer,
                                                              CustomerOf{shown.order->customer_id});
    }
    return shown;
}

struct OnPage {
    std::vector<std::string> order_numbers;
};

void add_items(Reads& reads, const OnPage& page, std::vector<OrderRow>& rows) {
    std::map<OrderId, std::vector<Line>> lines;
    for (auto& line : reads.all<Line>(sql::orders::items_of_page, page)) {
        lines[line.order_id].push_back(std::move(line));
    }
    for (auto& row : rows) row.items.value = std::move(lines[row.order->id]);
}

void add_customers(Reads& reads, const OnPage& page, std::vector<OrderRow>& rows) {
    std::map<customers::CustomerId, customers::Customer> found;
    for (auto& one : reads.all<customers::Customer>(sql::orders::customers_of_page, page)) {
        found[one.id] = std::move(one);
    }
    for (auto& row : rows) row.customer.value = found[row.order->customer_id];
}

}  // namespace

OrderView one(Reads& reads, const Actor&, const OneOrder& wanted) {
    return whole(reads, reads.one<Order>(sql::orders::by_id, wanted), wanted.expand);
}

OrderView by_number(Reads& reads, const Actor&, const OrderByNumber& wanted) {
    return whole(reads, reads.one<Order>(sql::orders::by_number, wanted), wanted.expand);
}

Page<OrderRow> list(Reads& reads, const Actor&, const ListOrders& wanted) {
    auto found = reads.page<Order>(sql::orders::list, wanted);
    Page<OrderRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    OnPage numbers;
    for (auto& order : found.data) {
        numbers.order_numbers.push_back(order.order_number);
        page.data.push_back({.order = {std::move(order)}, .items = {}, .customer = {}});
    }
    if (asks_for(wanted.expand, Expand::items)) add_items(reads, numbers, page.data);
    if (asks_for(wanted.expand, Expand::customer)) add_customers(reads, numbers, page.data);
    return page;
}

Page<Line> items(Reads& reads, const Actor&, const ItemsOf& wanted) {
    reads.one<Order>(sql::orders::by_id, wanted);
    return {.data = reads.all<Line>(sql::orders::items, wanted), .next_cursor = {}};
}

Line one_item(Reads& reads, const Actor&, const OneItem& wanted) {
    return reads.one<Line>(sql::orders::item, wanted);
}

}  // namespace stateset::orders

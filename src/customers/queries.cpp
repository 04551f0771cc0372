#include "customers/customers.hpp"
#include "sql.hpp"

namespace stateset::customers {

CustomerView one(Reads& reads, const Actor&, const ById& wanted) {
    return {.customer = {reads.one<Customer>(sql::customers::by_id, wanted)},
            .addresses = reads.all<Address>(sql::customers::addresses, wanted)};
}

Page<Customer> list(Reads& reads, const Actor&, const ListCustomers& wanted) {
    return reads.page<Customer>(sql::customers::list, wanted);
}

Page<Address> addresses(Reads& reads, const Actor&, const ById& wanted) {
    reads.one<Customer>(sql::customers::by_id, wanted);
    return {.data = reads.all<Address>(sql::customers::addresses, wanted), .next_cursor = {}};
}

Address one_address(Reads& reads, const Actor&, const OneAddress& wanted) {
    return reads.one<Address>(sql::customers::address, wanted);
}

}  // namespace stateset::customers

#include "products/products.hpp"
#include "sql.hpp"

namespace stateset::products {

ProductView one(Reads& reads, const Actor&, const ById& wanted) {
    return {.product = {reads.one<Product>(sql::products::by_id, wanted)},
            .variants = reads.all<Variant>(sql::products::variants, wanted)};
}

Page<Product> list(Reads& reads, const Actor&, const ListProducts& wanted) {
    return reads.page<Product>(sql::products::list, wanted);
}

Page<Variant> variants(Reads& reads, const Actor&, const ById& wanted) {
    reads.one<Product>(sql::products::by_id, wanted);
    return {.data = reads.all<Variant>(sql::products::variants, wanted), .next_cursor = {}};
}

Variant one_variant(Reads& reads, const Actor&, const OneVariant& wanted) {
    return reads.one<Variant>(sql::products::variant, wanted);
}

}  // namespace stateset::products

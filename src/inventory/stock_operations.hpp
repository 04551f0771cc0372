#pragma once
// The routes of what people do with stock that no order asked for: transfers, counts, promises.
// Completing a count and bulk work may touch orders too: see flows/stock_routes.cpp.

namespace stateset {
class Api;
namespace inventory {
void stock_operation_routes(Api&);
}
}  // namespace stateset

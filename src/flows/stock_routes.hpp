#pragma once
// The routes of what touches stock and another slice.

namespace stateset {
class Api;
namespace flows {
void stock_routes(Api&);
}
}  // namespace stateset

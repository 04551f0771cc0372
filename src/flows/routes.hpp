#pragma once
// The routes of everything that crosses slices.

namespace stateset {
class Api;
namespace flows {
void routes(Api&);
}
}  // namespace stateset

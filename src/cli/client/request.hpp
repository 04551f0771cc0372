#pragma once
// A derived command, carried out: the request that its flags say, its retries, and its answer
// shown.

#include "cli/client/output.hpp"
#include "cli/client/session.hpp"

namespace stateset::cli::client {

int carry_out(const Catalogue&, const Given&);

// The endpoint of an operation; throws std::logic_error when there is none.
const http::Endpoint& endpoint_named(const Catalogue&, std::string_view operation);
// "/api/v1/orders/{id}/cancel" with these for its parameters, in order.
std::string path_with(const http::Endpoint&, const std::vector<std::string>& arguments);

}  // namespace stateset::cli::client

#include "platform/work/answer.hpp"

#include "platform/http/problem.hpp"

namespace stateset::work {

store::Answer refusing(const Refusal& refusal, std::string_view instance,
                       std::string_view request_id) {
    auto response = http::problem(refusal, instance, request_id);
    return {
        .status = response.status, .body = std::move(response.body), .etag = {}, .location = {}};
}

}  // namespace stateset::work

#pragma once
// The record of a write that came with an `Idempotency-Key`. It commits in the same transaction as
// the effect, with the answer as it was given, so that the same request gets the same bytes again,
// also after a restart.

#include "platform/store/table.hpp"

namespace stateset::store {

// What a caller is given, ready to be sent, and what is stored under its idempotency key.
struct Answer {
    int status = 200;
    std::string body;      // JSON, or empty
    std::string etag;      // with its quotes, or empty
    std::string location;  // of a created noun
    bool secret = false;   // holds something that is shown once
    // The request goes on in a flow: the record stays `running` until a later command completes it.
    std::optional<Uuid> operation = std::nullopt;
};

// Whose key it is and for which request. Scope: caller + method + route (the tenant comes with the
// row).
struct IdempotencyKey {
    std::string scope;        // digest of "user:0198… POST /api/v1/orders <key>"
    std::string fingerprint;  // digest of the request: target and body
    std::string
        seal_key;  // 32 bytes that only who knows the key can derive; seals once-shown secrets
};

enum class Progress { running, done };

struct IdempotencyRecord {
    Uuid id;
    std::string scope;
    std::string fingerprint;
    Progress progress = Progress::done;
    std::optional<Uuid> operation;
    int status = 0;
    std::string body;
    std::string etag;
    std::string location;
    bool sealed = false;
    Time created_at;
};

template <>
struct Table<IdempotencyRecord> : Named<"idempotency_records", "idempotency_record"> {
    using unique = Keys<Key<&IdempotencyRecord::scope>, Key<&IdempotencyRecord::operation>>;
};

}  // namespace stateset::store

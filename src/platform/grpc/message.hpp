#pragma once
// Messages and JSON, one as the other, by descriptors alone. A message's field is the JSON member
// of its name; an enumerator is the word behind its enumeration's prefix (STATUS_ON_HOLD is
// "on_hold"); a Timestamp is RFC 3339, a Value or Struct is the JSON it holds. A field that is not
// set is a member that is not there.

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/refusal.hpp"
#include "platform/grpc/schema.hpp"
#include "platform/json/tape.hpp"

namespace stateset::grpc {

// The fields of a message that are set, as members of an object: `"sku":"MUG","quantity":2`.
// What has no JSON (an unknown enumerator, a time beyond the calendar) is added to `faults`.
class Writing {
  public:
    Writing(std::string& out, std::vector<Fault>& faults) : out_(out), faults_(faults) {}

    void object(const pb::Message&, const std::string& pointer);
    // `"name":value`, with a comma before it unless it is the first.
    void member(const pb::Message&, const pb::FieldDescriptor&, const std::string& pointer);
    void cleared_member(const pb::FieldDescriptor&);  // null, or an empty list or map
    // What stands in a path or query: the same without quotes, lists with commas.
    std::string text(const pb::Message&, const pb::FieldDescriptor&, const std::string& pointer);
    // Fields that a newer client knows are refused, as unknown members are.
    void refuse_unknown(const pb::Message&, const std::string& pointer);

  private:
    void key(std::string_view name);
    void value(const pb::Message&, const pb::FieldDescriptor&, const std::string& pointer);
    void element(const pb::Message&, const pb::FieldDescriptor&, int index,
                 const std::string& pointer);
    void message(const pb::Message&, const std::string& pointer);
    void free_value(const pb::Message&, const std::string& pointer);
    void enumerator(const pb::FieldDescriptor&, int number, const std::string& pointer);
    void number(double, const std::string& pointer);
    void fault(const std::string& pointer, std::string_view code, std::string message);

    std::string& out_;
    std::vector<Fault>& faults_;
};

// Sets what the JSON has; members that the message does not know are left out.
void read(const json::Node&, pb::Message&);

// Whether a field says more than its default does.
bool is_set(const pb::Message&, const pb::FieldDescriptor&);

// "/items/0/quantity" as a path of fields, counted from 1 as google.rpc.BadRequest does:
// "items[1].quantity"; "?limit" is "limit".
std::string field_path(const pb::Descriptor&, std::string_view pointer);

}  // namespace stateset::grpc

#include "platform/grpc/message.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <charconv>
#include <cmath>

#include "platform/core/time.hpp"
#include "platform/json/writer.hpp"

namespace stateset::grpc {
namespace {

using Field = pb::FieldDescriptor;
constexpr std::string_view unset_word = "UNSPECIFIED";
// RFC 3339 knows the years 1 to 9999.
constexpr std::int64_t first_second = -62'135'596'800, last_second = 253'402'300'799;
constexpr double exact_integers = 9'007'199'254'740'992.0;  // a double counts so far

// "STATUS_" of an enumeration whose first enumerator is STATUS_UNSPECIFIED.
std::string_view prefix_of(const pb::EnumDescriptor& type) {
    std::string_view first = type.value(0)->name();
    return first.substr(0, first.size() - std::min(first.size(), unset_word.size()));
}

std::string word_of(const pb::EnumValueDescriptor& value) {
    std::string word = value.name().substr(prefix_of(*value.type()).size());
    for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return word;
}

const pb::EnumValueDescriptor* value_of(const pb::EnumDescriptor& type, std::string_view word) {
    std::string name(prefix_of(type));
    for (char c : word) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return type.FindValueByName(name);
}

bool is(const pb::Message& message, pb::Descriptor::WellKnownType type) {
    return message.GetDescriptor()->well_known_type() == type;
}

std::int64_t integer(const pb::Message& message, const char* name) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    return field->cpp_type() == Field::CPPTYPE_INT64
               ? message.GetReflection()->GetInt64(message, field)
               : message.GetReflection()->GetInt32(message, field);
}

template <class N>
N number_of(std::string_view text) {
    N number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void read_time(std::string_view text, pb::Message& to) {
    auto time = time_from(text);
    if (!time) return;
    constexpr std::int64_t second = 1'000'000;
    auto micros = (time->micros % second + second) % second;
    const auto* type = to.GetDescriptor();
    const auto* reflection = to.GetReflection();
    reflection->SetInt64(&to, type->FindFieldByName("seconds"), (time->micros - micros) / second);
    reflection->SetInt32(&to, type->FindFieldByName("nanos"), static_cast<int>(micros * 1'000));
}

void read_value(const json::Node&, pb::Message& to);

// Into a Struct: its one field is the map.
void read_struct(const json::Node& from, pb::Message& to) {
    const auto* fields = to.GetDescriptor()->field(0);
    for (auto member = from.first(); member; member = member.next()) {
        auto* entry = to.GetReflection()->AddMessage(&to, fields);
        const auto* type = entry->GetDescriptor();
        entry->GetReflection()->SetString(entry, type->map_key(), std::string(member.key()));
        read_value(member, *entry->GetReflection()->MutableMessage(entry, type->map_value()));
    }
}

void read_value(const json::Node& from, pb::Message& to) {
    const auto* type = to.GetDescriptor();
    const auto* reflection = to.GetReflection();
    auto field = [&](const char* name) { return type->FindFieldByName(name); };
    switch (from.kind()) {
        case json::Kind::null: return reflection->SetEnumValue(&to, field("null_value"), 0);
        case json::Kind::boolean:
            return reflection->SetBool(&to, field("bool_value"), from.text() == "true");
        case json::Kind::number:
            return reflection->SetDouble(&to, field("number_value"),
                                         number_of<double>(from.text()));
        case json::Kind::string:
            return reflection->SetString(&to, field("string_value"), std::string(from.text()));
        case json::Kind::object:
            return read_struct(from, *reflection->MutableMessage(&to, field("struct_value")));
        case json::Kind::array: {
            auto* list = reflection->MutableMessage(&to, field("list_value"));
            const auto* values = list->GetDescriptor()->field(0);
            for (auto each = from.first(); each; each = each.next()) {
                read_value(each, *list->GetReflection()->AddMessage(list, values));
            }
        }
    }
}

void read_message(const json::Node& from, pb::Message& to) {
    switch (to.GetDescriptor()->well_known_type()) {
        case pb::Descriptor::WELLKNOWNTYPE_TIMESTAMP: return read_time(from.text(), to);
        case pb::Descriptor::WELLKNOWNTYPE_VALUE: return read_value(from, to);
        case pb::Descriptor::WELLKNOWNTYPE_STRUCT: return read_struct(from, to);
        default: return read(from, to);
    }
}

// One value, or one more of a repeated field.
void read_field(const json::Node& from, pb::Message& to, const Field& field) {
    const auto* reflection = to.GetReflection();
    const bool more = field.is_repeated();
    auto put = [&](auto set, auto add, auto value) {
        more ? (reflection->*add)(&to, &field, std::move(value))
             : (reflection->*set)(&to, &field, std::move(value));
    };
    using R = pb::Reflection;
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING:
            return put(&R::SetString, &R::AddString, std::string(from.text()));
        case Field::CPPTYPE_INT64:
            return put(&R::SetInt64, &R::AddInt64, number_of<std::int64_t>(from.text()));
        case Field::CPPTYPE_BOOL: return put(&R::SetBool, &R::AddBool, from.text() == "true");
        case Field::CPPTYPE_DOUBLE:
            return put(&R::SetDouble, &R::AddDouble, number_of<double>(from.text()));
        case Field::CPPTYPE_ENUM:
            if (const auto* value = value_of(*field.enum_type(), from.text())) {
                put(&R::SetEnum, &R::AddEnum, value);
            }
            return;
        case Field::CPPTYPE_MESSAGE:
            return read_message(from, more ? *reflection->AddMessage(&to, &field)
                                           : *reflection->MutableMessage(&to, &field));
        default: return;  // the generator makes no other types
    }
}

void read_map(const json::Node& from, pb::Message& to, const Field& field) {
    for (auto member = from.first(); member; member = member.next()) {
        auto* entry = to.GetReflection()->AddMessage(&to, &field);
        const auto* type = entry->GetDescriptor();
        entry->GetReflection()->SetString(entry, type->map_key(), std::string(member.key()));
        read_field(member, *entry, *type->map_value());
    }
}

}  // namespace

void read(const json::Node& from, pb::Message& to) {
    for (auto member = from.first(); member; member = member.next()) {
        const auto* field = to.GetDescriptor()->FindFieldByName(std::string(member.key()));
        if (!field) continue;
        bool free = field->cpp_type() == Field::CPPTYPE_MESSAGE &&
                    field->message_type()->well_known_type() == pb::Descriptor::WELLKNOWNTYPE_VALUE;
        if (member.kind() == json::Kind::null && !free) continue;
        if (field->is_map()) {
            read_map(member, to, *field);
        } else if (field->is_repeated()) {
            for (auto each = member.first(); each; each = each.next()) read_field(each, to, *field);
        } else {
            read_field(member, to, *field);
        }
    }
}

bool is_set(const pb::Message& message, const Field& field) {
    const auto* reflection = message.GetReflection();
    return field.is_repeated() ? reflection->FieldSize(message, &field) > 0
                               : reflection->HasField(message, &field);
}

void Writing::fault(const std::string& pointer, std::string_view code, std::string message) {
    faults_.push_back({pointer, std::string(code), std::move(message), {}});
}

void Writing::refuse_unknown(const pb::Message& message, const std::string& pointer) {
    const auto& unknown = message.GetReflection()->GetUnknownFields(message);
    for (int i = 0; i < unknown.field_count(); ++i) {
        fault(pointer + "/" + std::to_string(unknown.field(i).number()), "unknown_field",
              "is a field number that this server does not know");
    }
}

void Writing::key(std::string_view name) {
    if (!out_.empty() && out_.back() != '{') out_ += ',';
    json::write(out_, name);
    out_ += ':';
}

void Writing::object(const pb::Message& message, const std::string& pointer) {
    refuse_unknown(message, pointer);
    std::vector<const Field*> fields;
    message.GetReflection()->ListFields(message, &fields);
    out_ += '{';
    for (const auto* field : fields) member(message, *field, pointer);
    out_ += '}';
}

void Writing::member(const pb::Message& message, const Field& field, const std::string& pointer) {
    key(field.name());
    value(message, field, pointer + "/" + field.name());
}

void Writing::cleared_member(const Field& field) {
    key(field.name());
    out_ += field.is_map() ? "{}" : field.is_repeated() ? "[]" : "null";
}

void Writing::value(const pb::Message& message, const Field& field, const std::string& pointer) {
    if (!field.is_repeated()) return element(message, field, -1, pointer);
    const auto* reflection = message.GetReflection();
    const int size = reflection->FieldSize(message, &field);
    out_ += field.is_map() ? '{' : '[';
    for (int i = 0; i < size; ++i) {
        if (i > 0) out_ += ',';
        if (field.is_map()) {
            const auto& entry = reflection->GetRepeatedMessage(message, &field, i);
            const auto* type = entry.GetDescriptor();
            auto name = entry.GetReflection()->GetString(entry, type->map_key());
            json::write(out_, name);
            out_ += ':';
            element(entry, *type->map_value(), -1, pointer + "/" + json::pointer_token(name));
        } else {
            element(message, field, i, pointer + "/" + std::to_string(i));
        }
    }
    out_ += field.is_map() ? '}' : ']';
}

// One value; that of a repeated field at `index`.
void Writing::element(const pb::Message& from, const Field& field, int index,
                      const std::string& pointer) {
    const auto* reflection = from.GetReflection();
    auto get = [&](auto one, auto of_many) {
        return index < 0 ? (reflection->*one)(from, &field)
                         : (reflection->*of_many)(from, &field, index);
    };
    using R = pb::Reflection;
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING:
            return json::write(out_, get(&R::GetString, &R::GetRepeatedString));
        case Field::CPPTYPE_INT64:
            return json::write(out_, get(&R::GetInt64, &R::GetRepeatedInt64));
        case Field::CPPTYPE_BOOL: return json::write(out_, get(&R::GetBool, &R::GetRepeatedBool));
        case Field::CPPTYPE_DOUBLE:
            return number(get(&R::GetDouble, &R::GetRepeatedDouble), pointer);
        case Field::CPPTYPE_ENUM:
            return enumerator(field, get(&R::GetEnumValue, &R::GetRepeatedEnumValue), pointer);
        case Field::CPPTYPE_MESSAGE:
            return message(index < 0 ? reflection->GetMessage(from, &field)
                                     : reflection->GetRepeatedMessage(from, &field, index),
                           pointer);
        default: return;  // the generator makes no other types
    }
}

void Writing::message(const pb::Message& from, const std::string& pointer) {
    if (is(from, pb::Descriptor::WELLKNOWNTYPE_TIMESTAMP)) {
        auto second = integer(from, "seconds"), nanos = integer(from, "nanos");
        if (second < first_second || second > last_second || nanos < 0 || nanos > 999'999'999) {
            out_ += "null";
            return fault(pointer, "malformed", "is no time between the years 1 and 9999");
        }
        return json::write(out_, Time{second * 1'000'000 + nanos / 1'000});
    }
    bool free = is(from, pb::Descriptor::WELLKNOWNTYPE_VALUE) ||
                is(from, pb::Descriptor::WELLKNOWNTYPE_STRUCT) ||
                is(from, pb::Descriptor::WELLKNOWNTYPE_LISTVALUE);
    free ? free_value(from, pointer) : object(from, pointer);
}

// A Value, or the Struct or ListValue in it.
void Writing::free_value(const pb::Message& from, const std::string& pointer) {
    refuse_unknown(from, pointer);
    const auto* type = from.GetDescriptor();
    if (type->oneof_decl_count() == 0) return value(from, *type->field(0), pointer);
    const auto* set = from.GetReflection()->GetOneofFieldDescriptor(from, type->oneof_decl(0));
    if (!set || set->cpp_type() == Field::CPPTYPE_ENUM) {
        out_ += "null";
    } else {
        element(from, *set, -1, pointer);
    }
}

void Writing::enumerator(const Field& field, int number, const std::string& pointer) {
    const auto* value = field.enum_type()->FindValueByNumber(number);
    if (!value || number == 0) {
        out_ += "null";
        return fault(pointer, "unknown_value",
                     std::to_string(number) + " is no value of " + field.enum_type()->name());
    }
    json::write(out_, word_of(*value));
}

void Writing::number(double value, const std::string& pointer) {
    if (!std::isfinite(value)) {
        out_ += "null";
        return fault(pointer, "malformed", "is no finite number");
    }
    if (std::trunc(value) == value && std::abs(value) < exact_integers) {
        return json::write(out_, static_cast<std::int64_t>(value));
    }
    char text[32];
    auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out_.append(text, end);
}

// A string without its quotes and escapes; what else a path or query can hold has none.
std::string Writing::text(const pb::Message& message, const Field& field,
                          const std::string& pointer) {
    const auto* reflection = message.GetReflection();
    const int size = field.is_repeated() ? reflection->FieldSize(message, &field) : 1;
    std::string all;
    for (int i = 0; i < size; ++i) {
        const int index = field.is_repeated() ? i : -1;
        if (i > 0) all += ',';
        if (field.cpp_type() == Field::CPPTYPE_STRING) {
            all += index < 0 ? reflection->GetString(message, &field)
                             : reflection->GetRepeatedString(message, &field, index);
            continue;
        }
        std::string quoted;
        Writing(quoted, faults_).element(message, field, index, pointer);
        bool is_text = quoted.starts_with('"');
        all += is_text ? quoted.substr(1, quoted.size() - 2) : quoted;
    }
    return all;
}

std::string field_path(const pb::Descriptor& type, std::string_view pointer) {
    if (pointer.starts_with('?')) return std::string(pointer.substr(1));
    if (!pointer.starts_with('/')) return std::string(pointer);  // a header
    std::string path;
    const auto* message = &type;
    const Field* list = nullptr;  // whose index comes next
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        auto token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        if (list && !list->is_map()) {
            path += "[" + std::to_string(number_of<std::int64_t>(token) + 1) + "]";
            list = nullptr;
            continue;
        }
        path += (path.empty() ? "" : ".") + std::string(token);
        const auto* field =
            message && !list ? message->FindFieldByName(std::string(token)) : nullptr;
        list = field && field->is_repeated() ? field : nullptr;
        message = field ? field->message_type() : nullptr;
    }
    return path;
}

}  // namespace stateset::grpc

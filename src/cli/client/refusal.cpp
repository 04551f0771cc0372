// What the server refused, told in the words of the command line.

#include <algorithm>
#include <iostream>

#include "cli/client/failure.hpp"
#include "cli/client/output.hpp"
#include "platform/http/openapi.hpp"

namespace stateset::cli::client {
namespace {

std::vector<std::string> tokens_of(std::string_view pointer) {
    std::vector<std::string> tokens;
    while (pointer.starts_with('/')) {
        pointer.remove_prefix(1);
        auto end = std::min(pointer.find('/'), pointer.size());
        std::string token(pointer.substr(0, end));
        for (std::size_t at = 0; (at = token.find('~', at)) != token.npos; ++at) {
            token.replace(at, 2, token.substr(at, 2) == "~1" ? "/" : "~");
        }
        tokens.push_back(token);
        pointer.remove_prefix(end);
    }
    return tokens;
}

// "/items/0/quantity" is "--item[1] quantity": the first one given, and what of it.
std::string flag_at(const std::string& pointer, const Command& command) {
    if (pointer.starts_with('?')) {
        const auto* flag = command.flag(pointer.substr(1));
        return flag != nullptr ? "--" + flag->name : pointer;
    }
    auto tokens = tokens_of(pointer);
    const Flag* best = nullptr;
    for (const auto& flag : command.flags) {
        bool leads = flag.goes == Goes::body && flag.path.size() <= tokens.size() &&
                     std::equal(flag.path.begin(), flag.path.end(), tokens.begin());
        if (leads && (best == nullptr || flag.path.size() > best->path.size())) best = &flag;
    }
    if (best == nullptr) return pointer;
    auto text = "--" + best->name;
    for (auto i = best->path.size(); i < tokens.size(); ++i) {
        const auto& token = tokens[i];
        bool index = !token.empty() && token.find_first_not_of("0123456789") == token.npos;
        text += index ? "[" + std::to_string(std::stoul(token) + 1) + "]" : " " + token;
    }
    return text;
}

std::string remedy_of(const std::string& code, const Catalogue& catalogue) {
    for (const auto* known : http::all_codes(catalogue.api())) {
        if (known->name == code) return std::string(known->remedy);
    }
    return {};
}

}  // namespace

int exit_of(int status) {
    switch (status) {
        case 401: return exits::not_signed_in;
        case 403: return exits::forbidden;
        case 404:
        case 410: return exits::not_found;
        case 409:
        case 412:
        case 422: return exits::conflict;
        case 429: return exits::try_later;
        default: break;
    }
    if (status >= 500) return exits::try_later;
    return status >= 400 ? exits::refused : exits::ok;
}

int explain_refusal(int status, const std::string& body, const Command& command,
                    const Catalogue& catalogue, const Terminal& terminal) {
    Tree problem;
    try {
        problem = Tree::parse(body);
    } catch (const Failure&) {  // a proxy's page, perhaps
        std::cerr << terminal.note(Ink::red, "error") << ": the server answered "
                  << std::to_string(status) << "\n";
        return exit_of(status);
    }
    const auto& code = problem["code"].word;
    auto what = problem["detail"].word.empty() ? problem["title"].word : problem["detail"].word;
    std::cerr << terminal.note(Ink::red, "error") << ": " << what << " ("
              << (code.empty() ? "" : code + ", ") << status << ")\n";
    for (const auto& fault : problem["errors"].elements) {
        std::cerr << "  " << terminal.note(Ink::bold, flag_at(fault["pointer"].word, command))
                  << ": " << fault["message"].word;
        for (const auto& [name, value] : fault["params"].members) {
            std::cerr << ", " << name << " " << text_of(value);
        }
        std::cerr << "\n";
    }
    auto remedy = remedy_of(code, catalogue);
    if (status == 401) remedy = "Sign in with: stateset login";
    if (!remedy.empty()) std::cerr << "  " << terminal.note(Ink::dim, remedy) << "\n";
    const auto& request = problem["request_id"].word;
    if (status >= 500 && !request.empty()) std::cerr << "  request " << request << "\n";
    return exit_of(status);
}

}  // namespace stateset::cli::client

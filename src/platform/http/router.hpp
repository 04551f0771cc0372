#pragma once
// Which endpoint a method and a path mean. Words win over parameters: /orders/by-number/{n} over
// /orders/{id}/items. A path may end in {name...}, which takes all that is left, slashes too, when
// nothing else fits: /docs/{path...}.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/api.hpp"

namespace stateset::http {

class Router {
  public:
    explicit Router(const Api&);

    struct Found {
        const Endpoint* endpoint = nullptr;
        std::string allowed;  // methods of the path, when it exists without this one
    };
    // Fills `parameters` with the path's decoded parameters. HEAD is served by GET.
    Found find(std::string_view method, std::string_view path,
               std::vector<std::pair<std::string, std::string>>& parameters) const;

  private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> words;
        std::unique_ptr<Node> parameter, rest;
        std::map<std::string, const Endpoint*, std::less<>> methods;
    };
    const Node* walk(const Node&, std::string_view rest, std::vector<std::string>& values) const;
    const Node* walk_segment(const Node&, std::string_view rest,
                             std::vector<std::string>& values) const;

    Node root_;
};

}  // namespace stateset::http

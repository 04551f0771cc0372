#pragma once
// The templates that come with the server, in English and German.

#include <span>

#include "notifications/notifications.hpp"
#include "platform/store/committer.hpp"

namespace stateset::notifications {

// Customers whose language nothing is written in are written to in this one.
inline constexpr std::string_view fallback_language = "en";

std::span<const Template> built_in_templates();

// Stores them as rows of the installation, where they are not there as this version has them.
void store_built_in_templates(Committer&, ReadPool&);

}  // namespace stateset::notifications

#pragma once
// How to make a thing for each pattern with parameters, so that what must hold for every route can
// be tested on one. The patterns come from the endpoint table; a test fails when one has no recipe.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/catalogue.hpp"
#include "support/journey.hpp"

namespace stateset::support {

// Makes a thing in the administrator's tenant and returns the path parameters that lead to it.
using Recipe = std::function<std::vector<std::string>(Story&)>;
// By pattern; the rest of a route is an action. The longer pattern stands first.
using Recipes = std::vector<std::pair<std::string, Recipe>>;

const Recipes& recipes();
// Null when the route has no parameters, or no recipe fits.
const std::pair<std::string, Recipe>* recipe_for(const Route&);

}  // namespace stateset::support

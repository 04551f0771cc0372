#pragma once
// What a command returns when its intent is committed and the work goes on outside.

#include "platform/core/id.hpp"

namespace stateset {

// `interim` is what the caller is told if the operation does not end in time, and at once when
// there is none: a nil `operation`.
template <class T>
struct Started {
    T interim;
    Uuid operation;
};

}  // namespace stateset

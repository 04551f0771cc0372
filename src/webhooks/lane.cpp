#include "webhooks/lane.hpp"

#include <algorithm>

namespace stateset::webhooks {

std::optional<Parcel> Lane::next() {
    if (under_way_.size() >= connections) return std::nullopt;
    auto free = std::ranges::find_if(waiting_, [this](const Parcel& parcel) {
        return !parcel.first || !busy_.contains(parcel.aggregate_id);
    });
    if (free == waiting_.end()) return std::nullopt;
    auto parcel = std::move(*free);
    waiting_.erase(free);
    under_way_[parcel.id] = parcel.lease_until;
    if (parcel.first) busy_.insert(parcel.aggregate_id);
    return parcel;
}

void Lane::arrived(const Parcel& parcel, Span took) {
    under_way_.erase(parcel.id);
    if (parcel.first) busy_.erase(parcel.aggregate_id);
    is_quick_ = took < quick;
}

std::vector<Parcel> Lane::stale(Time lease_needed_until) {
    std::vector<Parcel> taken;
    std::deque<Parcel> kept;
    std::set<std::string> after;
    for (auto& parcel : waiting_) {
        bool out = parcel.lease_until < lease_needed_until ||
                   (parcel.first && after.contains(parcel.aggregate_id));
        if (out && parcel.first) after.insert(parcel.aggregate_id);
        out ? taken.push_back(std::move(parcel)) : kept.push_back(std::move(parcel));
    }
    waiting_ = std::move(kept);
    return taken;
}

std::vector<Parcel> Lane::take_all() {
    std::vector<Parcel> taken(std::make_move_iterator(waiting_.begin()),
                              std::make_move_iterator(waiting_.end()));
    waiting_.clear();
    return taken;
}

std::optional<Time> Lane::first_lease_end() const {
    std::optional<Time> first;
    for (const auto& [_, until] : under_way_) first = std::min(until, first.value_or(until));
    return first;
}

std::vector<DeliveryId> Lane::leased_until_before(Time end) const {
    std::vector<DeliveryId> found;
    for (const auto& [id, until] : under_way_) {
        if (until < end) found.push_back(id);
    }
    return found;
}

void Lane::extended(DeliveryId id, Time until) {
    auto found = under_way_.find(id);
    if (found != under_way_.end()) found->second = until;
}

std::size_t Lane::room() const {
    auto held = waiting_.size() + under_way_.size();
    if (is_quick_) return waiting_.size() < held_when_quick / 4 ? held_when_quick - held : 0;
    return waiting_.empty() && held < connections ? connections - held : 0;
}

}  // namespace stateset::webhooks

// The rows of this slice (platform/store/stored.hpp).

#include "inventory/counts.hpp"
#include "inventory/inventory.hpp"
#include "inventory/lots.hpp"
#include "inventory/transfers.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<inventory::Count>;
template struct store::Stored<inventory::CountLine>;
template struct store::Stored<inventory::Item>;
template struct store::Stored<inventory::Location>;
template struct store::Stored<inventory::Balance>;
template struct store::Stored<inventory::Reservation>;
template struct store::Stored<inventory::Movement>;
template struct store::Stored<inventory::Lot>;
template struct store::Stored<inventory::LotBalance>;
template struct store::Stored<inventory::Serial>;
template struct store::Stored<inventory::SerialStep>;
template struct store::Stored<inventory::Transfer>;
template struct store::Stored<inventory::TransferItem>;

}  // namespace stateset

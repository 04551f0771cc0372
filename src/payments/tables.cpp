// The rows of this slice (platform/store/stored.hpp).

#include "payments/messages.hpp"
#include "payments/payments.hpp"
#include "payments/sandbox.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<payments::GatewayReceipt>;
template struct store::Stored<payments::Payment>;
template struct store::Stored<payments::Refund>;
template struct store::Stored<payments::SandboxCharge>;
template struct store::Stored<payments::SandboxCall>;

}  // namespace stateset

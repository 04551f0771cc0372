#include "customers/customers.hpp"
#include "platform/http/api.hpp"

namespace stateset::customers {

void routes(Api& api) {
    auto customers = api.group("/customers", "Customers");
    const std::vector<const Code*> email_taken{&codes::already_exists};
    customers.get("", list, {.summary = "List customers", .needs = "customers:read"});
    customers.post(
        "", create,
        {.summary = "Create a customer", .needs = "customers:create", .refuses = email_taken});
    customers.get("/{id}", one,
                  {.summary = "Read a customer", .needs = "customers:read", .cacheable = true});
    customers.patch(
        "/{id}", update,
        {.summary = "Change a customer", .needs = "customers:update", .refuses = email_taken});
    customers.post("/{id}/erase", erase,
                   {.summary = "Erase a customer's personal data", .needs = "customers:erase"});
    customers.get("/{id}/addresses", addresses,
                  {.summary = "List a customer's addresses", .needs = "customers:read"});
    customers.post("/{id}/addresses", add_address,
                   {.summary = "Add an address", .needs = "customers:update", .status = 201});
    customers.get("/{id}/addresses/{address_id}", one_address,
                  {.summary = "Read an address", .needs = "customers:read"});
    customers.patch("/{id}/addresses/{address_id}", update_address,
                    {.summary = "Change an address", .needs = "customers:update"});
    customers.remove("/{id}/addresses/{address_id}", remove_address,
                     {.summary = "Remove an address", .needs = "customers:update"});

    api.describe({
        {"email", {"E-mail address, in lower case.", "ada@example.com"}},
        {"first_name", {"Given name.", "Ada"}},
        {"last_name", {"Family name.", "Lovelace"}},
        {"phone", {"Telephone number, as people write it.", "+44 20 7946 0000"}},
        {"external_id", {"The id that another system has for it.", "crm-1815"}},
        {"language", {"Of what is written to them: ISO 639-1.", "en"}},
        {"email_notifications", {"Whether they want e-mail about their orders.", "true"}},
        {"sms_notifications", {"Whether they want text messages about their orders.", "true"}},
        {"erased_at", {"When the personal data was erased; null if it was not.", ""}},
        {"addresses", {"The customer's addresses.", ""}},
        {"address_id", {"Id of an address of the customer.", ""}},
        {"label", {"What people call it.", "office"}},
        {"address", {"A postal address.", ""}},
        {"company", {"Company at the address.", "Analytical Engines Ltd"}},
        {"line1", {"Street and number.", "12 St James's Square"}},
        {"line2", {"Further line of the street address.", "2nd floor"}},
        {"city", {"City or town.", "London"}},
        {"region", {"State, province or county.", "Greater London"}},
        {"postal_code", {"Postal code.", "SW1Y 4JH"}},
        {"country", {"ISO 3166-1 alpha-2 code of the country.", "GB"}},
    });
}

}  // namespace stateset::customers

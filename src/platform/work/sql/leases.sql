-- Who has which duty of the installation, for the instances that would take one over.
select id, name, owner, until, version from leases where tenant = :tenant

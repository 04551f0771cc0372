-- Whose operation a gateway's message is about; messages name no tenant.
select tenant, id from operations where id = :id and state = 'pending' and kind like 'payment.%'

-- The templates that came with the server, as they are stored.
select * from notification_templates where tenant = 0

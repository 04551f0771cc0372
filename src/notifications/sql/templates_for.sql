-- What may be written about the events of a stretch of the log: built-in templates and those of its tenants.
select tenant, event_type, channel, language, enabled, subject, text, html
from notification_templates
where tenant = 0 or tenant in (select tenant from events where position > :after and position <= :through)

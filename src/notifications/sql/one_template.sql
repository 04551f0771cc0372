-- One template: the tenant's own, or the built-in one while there is no own for the same event, channel and language.
select t.id, t.version, t.event_type, t.channel, t.language, t.enabled, t.customized, t.subject, t.text, t.html,
       t.created_at, t.updated_at
from notification_templates as t
where t.id = :id
  and (t.tenant = :tenant
       or (t.tenant = 0
           and not exists (select 1 from notification_templates as o
                           where o.tenant = :tenant and o.event_type = t.event_type and o.channel = t.channel
                             and o.language = t.language)))

-- Templates, newest first: the tenant's own, and the built-in ones that none of its own stands in for.
select t.id, t.version, t.event_type, t.channel, t.language, t.enabled, t.customized, t.subject, t.text, t.html,
       t.created_at, t.updated_at
from notification_templates as t
where (t.tenant = :tenant
       or (t.tenant = 0
           and not exists (select 1 from notification_templates as o
                           where o.tenant = :tenant and o.event_type = t.event_type and o.channel = t.channel
                             and o.language = t.language)))
  and t.event_type = :event_type --? event_type
  and t.channel = :channel       --? channel
  and t.language = :language     --? language
  and t.id < :after_id           --? after_id
order by t.id desc
limit :limit

-- Whether there is any message; else an erased customer leaves nothing to forget.
select tenant from notification_messages limit 1

-- The file itself is sound, and children have their parents.
select 0, 'file', 'pages', quick_check from pragma_quick_check where quick_check <> 'ok'
union all
select 0, [table], rowid, 'its parent in ' || parent || ' does not exist'
from pragma_foreign_key_check

-- A tenant may be a whole table: the planner is told so of the tables that came since 0013, as it was of the others. What
-- else it must know of them it measures by itself once they hold something.
do $$
declare
    known text;
begin
    for known in select c.table_name from information_schema.columns c
                 join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
                 where c.table_schema = current_schema and c.column_name = 'tenant' and t.table_type = 'BASE TABLE' loop
        execute format('alter table %I alter column tenant set (n_distinct = 1)', known);
    end loop;
end $$;

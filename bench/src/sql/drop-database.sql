-- The statement that drops the database $1, if there is one, with whatever is still connected.
select format('drop database if exists %I with (force)', $1::text) as statement;

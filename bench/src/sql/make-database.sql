-- The statement that makes the database $1, which no statement takes as a parameter.
select format('create database %I', $1::text) as statement;

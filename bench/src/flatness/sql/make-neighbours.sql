-- $1 orgs beside ours.
insert into longshore.orgs (slug)
select 'neighbour-' || numbers.number
from generate_series(1, $1::int) as numbers (number)

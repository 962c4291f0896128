-- Submits a job for each payload of the array $2, all of the kind $1.
insert into raw.jobs (kind, payload)
select $1, payloads.value
from json_array_elements($2) as payloads;

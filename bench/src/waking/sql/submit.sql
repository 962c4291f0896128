-- One job through the SQL door, notification and all: $1 org, $2 payload.
select longshore.submit($1, 'noop', $2)

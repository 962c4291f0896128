import { describeVerbs } from './describe-verbs.ts';
import { openSqlDoor } from './doors/sql-door.ts';

describeVerbs('the SQL functions', openSqlDoor);

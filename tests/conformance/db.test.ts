import { describeVerbs } from './describe-verbs.ts';
import { openDbDoor } from './doors/db-door.ts';

describeVerbs('packages/db', openDbDoor);

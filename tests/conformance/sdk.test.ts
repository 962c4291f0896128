import { describeVerbs } from './describe-verbs.ts';
import { openSdkDoor } from './doors/sdk-door.ts';

describeVerbs('the SDK', openSdkDoor);

import { describeVerbs } from './describe-verbs.ts';
import { openTrpcDoor } from './doors/trpc-door.ts';

describeVerbs('tRPC over HTTP', openTrpcDoor);

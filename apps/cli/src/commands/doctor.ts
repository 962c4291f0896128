import { defineCommand } from '../command.ts';
export const command = defineCommand({ run: async () => undefined });

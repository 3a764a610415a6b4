import type { Request } from 'express';
import { z } from 'zod';
import { auditGroupSchema } from '../../../protocol/studio-messages.ts';
import { readQuery } from '../../query.ts';
import type { AuditQuery } from './audit-log.ts';

const auditQuerySchema: z.ZodType<AuditQuery> = z.strictObject({
  before: z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number')
    .transform(Number)
    .optional(),
  group: auditGroupSchema.optional(),
});

/** @throws RockpoolError `bad-message` */
export function auditQueryOf(request: Request): AuditQuery {
  return readQuery(auditQuerySchema, request);
}

import { RockpoolError, wireErrorSchema } from '../protocol/errors.ts';

export interface JsonRequest {
  readonly method: string;
  /** Secret that says who asks. */
  readonly bearer: string;
  readonly body?: unknown;
  /** What is thrown where nobody answers. */
  readonly away: (cause: unknown) => RockpoolError;
  /** What is thrown where it is not Rockpool that answers. */
  readonly foreign: (status: number) => RockpoolError;
}

/** Asks a Rockpool over HTTP. @throws RockpoolError what it answered, or why it did not. */
export async function askJson(url: URL | string, request: JsonRequest): Promise<unknown> {
  const { method, bearer, body, away, foreign } = request;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw away(cause);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const refusal = wireErrorSchema.safeParse(answer).data;
  if (refusal) throw new RockpoolError(refusal.code, refusal.message);
  throw foreign(response.status);
}

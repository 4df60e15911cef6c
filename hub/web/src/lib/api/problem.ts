// What a call can end in, other than its answer: the hub's refusal (problem+json), or no word from the hub at all.
import type { components } from "../../generated/rest.ts";

export type ProblemBody = Partial<components["schemas"]["Problem"]> & Record<string, unknown>;

export class Problem extends Error {
  /** 0: no answer came. */
  readonly status: number;
  /** The slug that a program reads. */
  readonly code: string;
  readonly body: ProblemBody;

  constructor(status: number, body: ProblemBody) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.code = body.error_code ?? (status === 0 ? "unreachable" : "unknown");
    this.body = body;
  }

  /** Each field that was refused, with the reason. */
  get fields(): { field: string; message: string }[] {
    return Array.isArray(this.body.errors) ? this.body.errors : [];
  }

  /** With 412: the thing as it is now. */
  get present(): unknown {
    return this.body.present ?? null;
  }
}

/** Whether it is not known what became of the call: it may have been carried out. */
export const isUnknown = (problem: Problem): boolean =>
  problem.status === 0 ||
  problem.code === "in_progress" ||
  problem.code === "outcome_unknown" ||
  (problem.status >= 502 && problem.status <= 504 && problem.body.error_code === undefined);

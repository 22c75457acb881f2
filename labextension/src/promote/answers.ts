/** Promotions as the server's routes and the kernel's `%%olo promote --json` give them. */

export type {
  CheckDetail as ICheck,
  PromotionDetail as IStanding,
  PromotionList as IStandings,
  PromoteForm as IPromoteForm
} from '../frame/routes';

export interface IFinding {
  code: string;
  severity: 'error' | 'warning' | 'info';
  cell: string | null;
  line: number | null;
  message: string;
  hint: string;
}

export interface IChange {
  path: string;
  kind: string;
  before: string | null;
  /** With Git's marks where it is in conflict. */
  after: string | null;
  conflict: boolean;
  /** The address that opens it on its branch, in code-server or VS Code; '' before it is there. */
  editor: string;
}

export interface IEvidence {
  label?: string;
  reason?: string;
  rows?: number | null;
  engine?: string;
  pins?: Record<string, string>;
  tests?: { passed: string[]; failed: string[] };
}

/** What a plan or a promotion came to. */
export interface IOutcome {
  name: string;
  kind: string;
  relation: string;
  status: 'planned' | 'refused' | 'verified' | 'different' | 'unverified';
  branch: string | null;
  commit: string | null;
  pushed: boolean;
  pull_request: { number: number; url: string } | null;
  cells: string[];
  options: Record<string, unknown>;
  findings: IFinding[];
  changes: IChange[];
  evidence: IEvidence;
}

/** Promotions as the server's routes and the kernel's `%%olo promote --json` give them. */

export interface ICheck {
  name: string;
  outcome: 'pending' | 'success' | 'failure' | 'neutral';
  url: string;
}

export interface IPullRequest {
  number: number;
  title: string;
  url: string;
  state: 'open' | 'closed' | 'merged';
  draft: boolean;
}

/** A target that runs a promotion. */
export interface IDeployed {
  target: string;
  number: number;
  commit: string;
  release: string;
  /** Whether it runs what was promoted last. */
  newest: boolean;
  /** Cells that aren't what runs there. */
  changed: string[];
}

/** Where a promotion stands: in Git, on its host, on the targets. */
export interface IStanding {
  name: string;
  kind: string;
  relation: string;
  notebook: string;
  /** The notebook in the file browser, '' where it isn't below its root. */
  path: string;
  branch: string;
  commit: string;
  state: 'local' | 'pushed' | 'open' | 'merged' | 'closed';
  pull_request: IPullRequest | null;
  checks: ICheck[];
  reviews: { user: string; verdict: 'approved' | 'changes_requested' | 'commented' }[];
  cells: { id: string; state: 'promoted' | 'changed' | 'gone' }[];
  job: string;
  /** The targets that run it. */
  deployed: IDeployed[];
  last_run: { id: string; state: string; target: string; started: string | null } | null;
}

export interface IStandings {
  promotions: IStanding[];
  /** Why the Git host wasn't asked, '' where it was. */
  unasked: string;
}

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

export interface IPromoteForm {
  options: Record<string, unknown>;
}

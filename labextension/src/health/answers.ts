/** What the health route answers. */

export interface IService {
  name: string;
  kind: string;
  type: string;
  state: 'up' | 'degraded' | 'down' | 'unknown';
  version: string;
  /** Milliseconds. */
  latency: number | null;
  circuit: string;
  message: string;
  hint: string;
  checked: string | null;
  since: string | null;
  url: string;
}

export interface IFailure {
  run: string;
  job: string;
  target: string;
  at: string;
  message: string;
}

export interface IHealth {
  services: IService[];
  failures: IFailure[];
  sla_misses: IFailure[];
  counts: { jobs: number; jobs_with_problems: number; running: number; succeeded: number; failed: number };
  links: { title: string; url: string }[];
}

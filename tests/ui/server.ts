import { ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** A JupyterLab of a test's own, which may be ended and started again. */
export class Server {
  private constructor(
    private readonly python: string,
    readonly port: number
  ) {}

  static async make(python: string): Promise<Server> {
    return new Server(python, await freePort());
  }

  get folder(): string {
    return join(tmpdir(), `olo-ui-${this.port}`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Start it, on the same project from the second time on; back when it answers. */
  async start(token: string): Promise<void> {
    const words = ['-m', 'tests.ui.serve', this.folder, String(this.port), token, ...(this.#known ? ['--again'] : [])];
    this.#known = true;
    this.#process = spawn(this.python, words, { cwd: ROOT, stdio: 'ignore' });
    for (let tries = 0; tries < 600; tries++) {
      if (
        await fetch(`${this.url}/api`).then(
          ({ ok }) => ok,
          () => false
        )
      ) {
        return;
      }
      await new Promise(done => setTimeout(done, 200));
    }
    throw new Error(`JupyterLab on port ${this.port} does not answer.`);
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running && running.exitCode === null) {
      const ended = new Promise(done => running.once('exit', done));
      running.kill('SIGTERM');
      // A server that ends while it reads a file for somebody may wait for AnyIO's thread for ever.
      const patience = setTimeout(() => running.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(patience);
    }
  }

  /** Run a job of the project to its end, as `olo run` in a terminal. */
  async run(job: string): Promise<void> {
    const child = spawn(this.python, ['-m', 'olo_jupyter.cli', 'run', job, '--target', 'sandbox'], {
      cwd: join(this.folder, 'flights'),
      env: { ...process.env, OLO_USER: 'ana', OLO_STATE: join(this.folder, 'state') },
      stdio: 'ignore'
    });
    await new Promise(done => child.once('exit', done));
  }

  #known = false;
  #process: ChildProcess | null = null;
}

async function freePort(): Promise<number> {
  return new Promise(done => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

// The fake upstream and the real gateway as processes, for the tests beside this file.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const binary = process.env.RECLOSER_BIN || resolve(here, '../../../build/release/recloser');
const slow = Number(process.env.RECLOSER_SLOW || '1');

export async function until(check, what, seconds = 10) {
  const deadline = Date.now() + seconds * 1000 * slow;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`gave up: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function startUpstream() {
  const child = tie(spawn('python3', [resolve(here, '../fake_upstream.py')], { stdio: ['ignore', 'pipe', 'inherit'] }));
  const line = await new Promise((done) => child.stdout.once('data', (data) => done(String(data))));
  const root = `http://127.0.0.1:${Number(line.split(':').pop())}`;
  const post = (path, value) => fetch(root + path, { method: 'POST', body: JSON.stringify(value ?? {}) });
  return {
    root,
    stop: () => end(child),
    reset: () => post('/__reset'),
    next: (...behaviours) => post('/__control', { next: behaviours }),
    requests: async () => (await (await fetch(root + '/__requests')).json()).filter((r) => r.method === 'POST'),
  };
}

/** Ends the child when this process ends, however that comes. */
function tie(child) {
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

function end(child) {
  return new Promise((done) => {
    if (child.exitCode !== null) return done(child.exitCode);
    child.once('exit', (code) => done(code));
    child.kill('SIGTERM');
  });
}

/** Starts both. `stop()` resolves to the gateway's exit code. */
export async function startWorld() {
  if (!existsSync(binary)) throw new Error(`no gateway at ${binary}: build it, or say where it is with RECLOSER_BIN`);
  const upstream = await startUpstream();
  const home = mkdtempSync(join(tmpdir(), 'recloser-'));
  const file = join(home, 'gateway.yaml');
  const config = {
    providers: {
      up: { type: 'openai-compatible', base_url: `${upstream.root}/v1`, api_key: 'sk-test-up' },
      claude: { type: 'anthropic', base_url: upstream.root, api_key: 'sk-ant-test' },
    },
  };
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  const port = await freePort();
  const kept = Object.entries(process.env).filter(([name]) => name === 'PATH' || name.endsWith('SAN_OPTIONS'));
  const log = openSync(join(home, 'log'), 'w');
  const command = ['serve', '--config', file, '--listen', `127.0.0.1:${port}`];
  const env = { ...Object.fromEntries(kept), HOME: home };
  const gateway = tie(spawn(binary, command, { cwd: home, env, stdio: ['ignore', log, log] }));
  const url = `http://127.0.0.1:${port}`;
  const alive = () => {
    if (gateway.exitCode !== null) throw new Error(`the gateway ended:\n${readFileSync(join(home, 'log'))}`);
    return fetch(`${url}/healthz`).then((r) => r.ok, () => false);
  };
  await until(alive, 'the gateway answers /healthz');
  return {
    url,
    upstream,
    async stop() {
      const code = await end(gateway);
      await upstream.stop();
      rmSync(home, { recursive: true });
      return code;
    },
  };
}

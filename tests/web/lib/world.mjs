// SPDX-License-Identifier: GPL-3.0-or-later
//
// A scratch world for one test file: SMTP receiver, proxy, the real portal, a member of staff, Chromium.
// Everything runs on free ports in a scratch folder and ends with `close`.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Proxy } from './proxy.mjs';
import { Smtp } from './smtp.mjs';
import { Staff } from './staff.mjs';

const run = promisify(execFile);
const BUILD = process.env.SGP_BUILD_DIR;
const PORTAL = process.env.SGP_PORTAL ?? join(BUILD, 'portal/server/siegelpost-portal');
export const DIST = join(BUILD, 'portal/web/dist');
export const PASSWORD = 'Gewitter Laterne Biber 17';
export const ANSWER = 'Frau Schröder-Weiß';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Waits until the element says it; a page may take a moment, a test never sleeps. */
export async function says(page, selector, pattern) {
  await page.locator(selector).filter({ hasText: pattern }).first().waitFor();
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class World {
  #browsers = [];

  /** Opens everything, or closes what was opened and says why. */
  async open() {
    try {
      await this.#open();
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #open() {
    this.directory = await mkdtemp(join(tmpdir(), 'sgp-web-'));
    this.smtp = new Smtp();
    this.proxy = new Proxy();
    const smtpPort = await this.smtp.listen();
    this.origin = await this.proxy.listen();
    const port = await freePort();
    this.data = join(this.directory, 'data');
    await this.#admin(
      'init',
      '--office',
      'Versicherungsagentur Muster',
      '--support-name',
      'Petra Beispiel',
      '--support-phone',
      '+49 30 1234567',
      '--support-hours',
      'Mo–Fr 9–17 Uhr',
      '--support-mail',
      'hilfe@office.example',
      '--portal-mail',
      'portal@office.example',
    );
    this.portal = spawn(
      PORTAL,
      [
        '--data',
        this.data,
        '--listen',
        `127.0.0.1:${port}`,
        '--origin',
        this.origin,
        '--smtp',
        `127.0.0.1:${smtpPort}`,
        '--web',
        DIST,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const log = createWriteStream(join(this.directory, 'portal.log'));
    this.portal.stdout.pipe(log);
    this.portal.stderr.pipe(log);
    this.proxy.target(port);
    await this.#ready();
    this.staff = new Staff(this.origin);
    const printed = await this.#admin('add-staff', this.staff.address, '--name', this.staff.name);
    await this.staff.enrol(
      /^[A-Za-z0-9_-]{20,}$/m.exec(printed.replace(/^.*[:\s]([A-Za-z0-9_-]{20,})\s*$/gm, '$1'))[0],
    );
  }

  async #admin(...args) {
    return (await run(PORTAL, ['--data', this.data, 'admin', ...args])).stdout;
  }

  /** Waits for the line that the portal writes when it listens, then asks it. */
  async #ready() {
    await new Promise((resolve, reject) => {
      let said = '';
      const hear = (chunk) => {
        said += chunk;
        if (/listening on/.test(said)) resolve();
      };
      this.portal.stdout.on('data', hear);
      this.portal.stderr.on('data', hear);
      this.portal.once('error', reject);
      this.portal.once('exit', () => reject(new Error(`the portal ended: ${said}`)));
    });
    const answer = await fetch(`${this.origin}/readyz`);
    if (!answer.ok) throw new Error(`the portal is not ready: ${answer.status}`);
  }

  /** A browser of its own: new profile, no memory of earlier tests. */
  async browser({
    width = 1200,
    height = 900,
    locale = 'de-DE',
    colorScheme = 'light',
    javaScriptEnabled = true,
    args = [],
    preferences = null,
  } = {}) {
    const profile = await mkdtemp(join(this.directory, 'profile-'));
    if (preferences) {
      await mkdir(join(profile, 'Default'));
      await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(preferences));
    }
    const downloadsPath = join(profile, 'downloads');
    await mkdir(downloadsPath);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: [...FLAGS, ...args],
      viewport: { width, height },
      locale,
      colorScheme,
      javaScriptEnabled,
      acceptDownloads: true,
      downloadsPath,
      env: { ...process.env, HOME: profile },
    });
    this.#browsers.push(context);
    context.setDefaultTimeout(30000);
    const page = context.pages()[0] ?? (await context.newPage());
    page.complaints = [];
    page.on('pageerror', (error) => page.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      // The browser itself writes a line for every answer above 399; the tests look at those answers themselves.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
        page.complaints.push(text);
    });
    return page;
  }

  async closeBrowser(page) {
    await page.context().close();
    this.#browsers = this.#browsers.filter((context) => context !== page.context());
  }

  /** Plays a customer through the registration. */
  async register(page, customer, { invitation = true, password = PASSWORD } = {}) {
    await page.goto(
      invitation ? `${this.origin}/register#i=${customer.invitation}` : `${this.origin}/register`,
    );
    if (!invitation) await page.fill('#register-address', customer.address);
    await page.fill('#register-code', customer.digits);
    await page.click('#register-code-submit');
    await page.fill('#register-password', password, { timeout: 30000 });
    await page.fill('#register-password2', password);
    await page.click('#register-password-submit');
    await page.selectOption('#register-question', 'teacher');
    await page.fill('#register-answer', ANSWER);
    await page.click('#register-submit');
    await page.waitForSelector('#register-done', { timeout: 60000 });
  }

  async login(page, customer, password = PASSWORD) {
    if (!(await page.$('#login-form'))) await page.goto(`${this.origin}/`);
    await page.fill('#login-address', customer.address);
    await page.fill('#login-password', password);
    await page.click('#login-submit');
    await page.waitForSelector('#logout', { timeout: 30000 });
  }

  /** Everything in the database but the time when a session was last seen. */
  databaseDump() {
    const script =
      'import sqlite3,sys,glob,hashlib\n' +
      'for f in sorted(glob.glob(sys.argv[1]+"/*.db")+glob.glob(sys.argv[1]+"/*.sqlite")):\n' +
      '  c=sqlite3.connect("file:"+f+"?mode=ro",uri=True)\n' +
      '  [print(l) for l in c.iterdump() if "INSERT INTO \\"sessions\\"" not in l]\n';
    return execFileSync('python3', ['-c', script, this.data], { maxBuffer: 1 << 28 }).toString();
  }

  /** A gpg of its own with this member of staff's keys, as the office has. */
  async gpgHome() {
    if (this.gpg) return this.gpg;
    this.gpg = await mkdtemp(join(tmpdir(), 'sgp-web-gpg-'));
    for (const key of [this.staff.key, this.staff.officeKey]) {
      const file = join(this.gpg, 'key.asc');
      await writeFile(file, key.armor());
      await run('gpg', ['--homedir', this.gpg, '--batch', '--quiet', '--import', file]);
    }
    return this.gpg;
  }

  async close() {
    for (const context of this.#browsers) await context.close().catch(() => {});
    if (this.portal && this.portal.exitCode === null) {
      const gone = new Promise((resolve) => this.portal.once('exit', resolve));
      this.portal.kill('SIGTERM');
      await gone;
    }
    this.proxy?.close();
    this.smtp?.close();
    if (this.gpg) {
      execFileSync('gpgconf', ['--homedir', this.gpg, '--kill', 'all']);
      await rm(this.gpg, { recursive: true, force: true });
    }
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

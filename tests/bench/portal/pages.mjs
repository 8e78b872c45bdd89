// SPDX-License-Identifier: GPL-3.0-or-later
//
// P14 and P15, measured where they happen: in Chromium. Prints one JSON object.
// SGP_LOGIN_PAGES is a JSON list of other login pages (their addresses) whose bytes are counted beside ours.

import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Staff } from './lib/staff.mjs';
import { World } from './lib/world.mjs';

const run = promisify(execFile);
const BUILD = process.env.SGP_BUILD_DIR;
const PORTAL = join(BUILD, 'portal/server/siegelpost-portal');
const ROUNDS = 7;
const MEGABYTE = 1024 * 1024;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** A world without the tests' proxy: browser and portal talk to each other. */
class Direct extends World {
  async open() {
    this.directory = await mkdtemp(join(tmpdir(), 'sgp-bench-web-'));
    const data = join(this.directory, 'data');
    const admin = async (...args) => (await run(PORTAL, ['--data', data, 'admin', ...args])).stdout;
    const words = ['--office', 'Agentur Muster', '--support-phone', '+49 30 1234567'];
    const mails = ['--support-mail', 'hilfe@office.example', '--portal-mail', 'portal@office.example'];
    await admin('init', ...words, ...mails);
    const options = ['--data', data, '--listen', '127.0.0.1:0', '--web', join(BUILD, 'portal/web/dist')];
    this.portal = spawn(PORTAL, options, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.origin = await new Promise((resolve, reject) => {
      this.portal.stdout.on('data', (chunk) => {
        const found = /listening on (\S+)/.exec(chunk);
        if (found) resolve(found[1]);
      });
      this.portal.once('exit', () => reject(new Error('the portal ended')));
    });
    this.staff = new Staff(this.origin);
    const token = await admin('add-staff', this.staff.address, '--name', this.staff.name);
    await this.staff.enrol(token.trim().split('\n').at(-1));
    return this;
  }
}

/** The bare page: OpenPGP.js, one key, one button. It decrypts and shows, and does nothing else. */
class Bare {
  files = new Map();

  async listen() {
    const library = join(BUILD, 'portal/web/node_modules/openpgp/dist/openpgp.min.js');
    this.files.set('/openpgp.js', ['text/javascript', await readFile(library)]);
    this.files.set('/', ['text/html', '<!doctype html><script src="/openpgp.js"></script><pre id="out"></pre>']);
    this.server = http.createServer(({ url }, response) => {
      const [type, bytes] = this.files.get(url) ?? ['text/plain', ''];
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(bytes) });
      response.end(bytes);
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
  }
}

/** Milliseconds from pressing to what it brings, seen as soon as the page has it. */
function press({ button, until, text }) {
  return new Promise((resolve) => {
    const there = () => {
      const node = document.querySelector(until);
      return node && (!text || node.textContent === text);
    };
    const start = performance.now();
    const observer = new MutationObserver(() => {
      if (!there()) return;
      observer.disconnect();
      resolve(performance.now() - start);
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    document.querySelector(button).click();
  });
}

/** Notes the longest time in which the page did nothing else. */
function watchStalls() {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: 'longtask' });
}

async function stall(page) {
  // Long tasks are reported when the page is idle again.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  return page.evaluate(() => {
    const { longest } = window;
    window.longest = 0;
    return longest;
  });
}

async function openBare(page, name, isText) {
  return page.evaluate(
    async ({ name, isText }) => {
      const start = performance.now();
      const bytes = new Uint8Array(await (await fetch(name, { cache: 'no-store' })).arrayBuffer());
      window.key ??= await openpgp.readPrivateKey({ armoredKey: await (await fetch('/key')).text() });
      const { data } = await openpgp.decrypt({
        message: await openpgp.readMessage({ binaryMessage: bytes }),
        decryptionKeys: window.key,
        format: 'binary',
      });
      const out = document.getElementById('out');
      out.textContent = isText ? JSON.parse(new TextDecoder().decode(data)).text : String(data.length);
      out.getBoundingClientRect(); // laid out, as ours is when it is there
      return performance.now() - start;
    },
    { name, isText },
  );
}

/** A message that was never opened before, from the inbox, and in turn its blob in the bare page. */
async function compareMessage(page, bare, nextId) {
  const samples = { ours: [], bare: [], stall: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const id = await nextId(round);
    await page.click('#nav-inbox');
    await page.waitForSelector(`[data-id="${id}"]`);
    await page.waitForLoadState('networkidle');
    await stall(page);
    const ours = await page.evaluate(press, { button: `[data-id="${id}"]`, until: '#message-text' });
    const longest = await stall(page);
    const theirs = await openBare(bare, `/${id}`, true);
    if (round === 0) continue; // both warm
    samples.ours.push(ours);
    samples.bare.push(theirs);
    samples.stall.push(longest);
  }
  return { ours: median(samples.ours), bare: median(samples.bare), stall: median(samples.stall) };
}

async function compareAttachment(page, bare, id) {
  const done = 'In Ihren Downloads gespeichert.'; // of strings/de.mjs
  const samples = { ours: [], bare: [], stall: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    await page.click('#nav-inbox');
    await page.click(`[data-id="${id}"]`);
    await page.waitForSelector('[data-testid=attachment]');
    await stall(page);
    const saved = page.waitForEvent('download');
    const ours = await page.evaluate(press, {
      button: '[data-testid=attachment]',
      until: '[data-testid=attachment] .download-state',
      text: done,
    });
    await (await saved).delete();
    const longest = await stall(page);
    const theirs = await openBare(bare, `/${id}`, false);
    if (round === 0) continue;
    samples.ours.push(ours);
    samples.bare.push(theirs);
    samples.stall.push(longest);
  }
  return { ours: median(samples.ours), bare: median(samples.bare), stall: median(samples.stall) };
}

/** What a first visit brings over the wire, headers and all, until the page rests. */
async function countBytes(world, address, ready) {
  const page = await world.browser();
  const session = await page.context().newCDPSession(page);
  const counted = { bytes: 0, requests: 0 };
  session.on('Network.requestWillBeSent', ({ request }) => {
    if (request.url.startsWith('http')) counted.requests++;
  });
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    counted.bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await page.goto(address, { waitUntil: 'networkidle' });
  if (ready) await page.waitForSelector(ready);
  await world.closeBrowser(page);
  return counted;
}

async function main() {
  const world = new Direct();
  const bare = new Bare();
  const result = { messages: {}, logins: {} };
  try {
    await world.open();
    await bare.listen();
    const { staff } = world;
    const customer = await staff.invite('kunde@kunde.example');
    bare.files.set('/key', ['text/plain', customer.mailboxKey.armor()]);
    const publish = async (size) => {
      const text = `${randomBytes(45).toString('base64')}\n`.repeat(Math.ceil(size / 61));
      const message = await staff.publish(customer, { subject: `${size}`, text });
      bare.files.set(`/${message.id}`, ['application/octet-stream', message.blobs[0]]);
      return message.id;
    };
    // The first ones stand lowest: the inbox opens only the newest ahead, and none of 1 MB.
    const older = [];
    for (let i = 0; i <= ROUNDS; i++) older.push(await publish(10 * 1024));
    const long = [];
    for (let i = 0; i <= ROUNDS; i++) long.push(await publish(MEGABYTE));
    const files = [{ name: 'plan.bin', type: 'application/octet-stream', bytes: randomBytes(25 * MEGABYTE) }];
    const large = await staff.publish(customer, { subject: '25 MB', text: 'Anbei.', files });
    bare.files.set(`/${large.id}`, ['application/octet-stream', large.blobs[1]]);

    const page = await world.browser();
    page.context().setDefaultTimeout(60000);
    await page.addInitScript(watchStalls);
    await world.register(page, customer);
    await world.login(page, customer);
    const bareBrowser = await world.browser();
    bareBrowser.context().setDefaultTimeout(60000);
    await bareBrowser.goto(bare.origin);
    const newest = () => publish(10 * 1024);
    const ways = { '1 MB': (i) => long[i], '10 KB, not opened ahead': (i) => older[i], '10 KB': newest };
    for (const [name, nextId] of Object.entries(ways))
      result.messages[name] = await compareMessage(page, bareBrowser, nextId);
    result.messages['25 MB'] = await compareAttachment(page, bareBrowser, large.id);

    result.logins.ours = await countBytes(world, `${world.origin}/`, '#login-form');
    for (const address of JSON.parse(process.env.SGP_LOGIN_PAGES ?? '[]'))
      result.logins[address] = await countBytes(world, address, null);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    bare.server?.close();
    bare.server?.closeAllConnections();
    await world.close();
  }
}

await main();

// SPDX-License-Identifier: GPL-3.0-or-later
//
// Much mail: straight into a file where the browser can write one, else in parts with a press between them. The
// size of a part follows from the memory that the browser tells of, so a test can make it small.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { look } from '../lib/shots.mjs';
import { World, says } from '../lib/world.mjs';

const COUNT = 12;
const EACH = 2_000_000;
const PART = 64e6 * 0.08; // three messages
let world, kunde, home;

before(async () => {
  world = await new World().open();
  home = await mkdtemp(join(tmpdir(), 'sgp-web-export-'));
  kunde = await world.staff.invite('kunde@kundenpost.example');
  const bytes = randomBytes(EACH);
  for (let n = 1; n <= COUNT; n++)
    await world.staff.publish(kunde, {
      subject: `Nachricht ${n}`,
      text: `Text ${n}`,
      files: [{ name: 'Foto.bin', type: 'application/octet-stream', bytes }],
    });
  const page = await world.browser();
  await world.register(page, kunde);
  await world.closeBrowser(page);
});

after(async () => {
  await world?.close();
  await rm(home, { recursive: true, force: true });
});

/** A browser on the page of the export that has little memory, and may have no files to write to. */
async function little({ files }) {
  const page = await world.browser({ width: 320, height: 640 });
  await page.addInitScript((can) => {
    Object.defineProperty(Navigator.prototype, 'deviceMemory', { get: () => 0.08 });
    if (!can) {
      delete window.showSaveFilePicker;
      return;
    }
    // The dialog alone is played; the file is a real one, of the origin's own folder. Every write is noted.
    window.written = [];
    window.showSaveFilePicker = async ({ suggestedName }) => {
      if (window.refusing) throw new DOMException('closed', 'AbortError');
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle(suggestedName, { create: true });
      return {
        async createWritable() {
          const stream = await handle.createWritable();
          return {
            write: async (bytes) => {
              if (window.full) throw new DOMException('full', 'QuotaExceededError');
              window.written.push(bytes.length);
              await stream.write(bytes);
            },
            close: async () => {
              await stream.close();
              window.finished = suggestedName;
            },
            abort: async () => {
              window.aborted = suggestedName;
              await stream.abort();
            },
          };
        },
      };
    };
  }, files);
  await world.login(page, kunde);
  await page.click('#nav-account');
  await page.click('#open-export');
  return page;
}

const READ = `
import sys,json,zipfile,email,email.policy
out=[]
for path in sys.argv[1:]:
 z=zipfile.ZipFile(path)
 assert z.testzip() is None
 out.append([[email.message_from_bytes(z.read(n),policy=email.policy.default)["subject"],len(z.read(n))] for n in z.namelist()])
print(json.dumps(out))`;

function read(...paths) {
  return JSON.parse(
    execFileSync('python3', ['-c', READ, ...paths], { maxBuffer: 1 << 26 }).toString(),
  );
}

/** Fails if the page holds half of what was exported. Freed buffers are given back a little later. */
async function assertLetGo(page, before) {
  let more = Infinity;
  for (let tries = 0; tries < 60 && more >= (COUNT * EACH) / 2; tries++) {
    more = (await held(page)) - before;
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }
  assert.ok(more < (COUNT * EACH) / 2, `the page holds ${more} bytes of ${COUNT * EACH}`);
}

const everySubject = Array.from({ length: COUNT }, (_, n) => `Nachricht ${n + 1}`).sort();

/** What the page holds, after everything that nobody needs was thrown away. */
async function held(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize + backingStorageSize;
}

test('without files to write to it comes in parts, each whole in itself, and the page holds none of them', async () => {
  const page = await little({ files: false });
  await page.evaluate(() => {
    // Blobs lie on the browser's disk, but what is still named would stay there.
    const create = URL.createObjectURL;
    window.saved = [];
    URL.createObjectURL = (blob) => {
      window.saved.push(blob.size);
      return create.call(URL, blob);
    };
  });
  const start = await held(page);
  await page.click('#export-begin');
  await says(page, '#export-choose-text', /etwa 2\d(,\d)? MB.*mehreren ZIP-Dateien/);
  assert.equal(await page.locator('#export-file').count(), 0);
  await look(page, 'de-320-export-parts');
  const paths = [];
  let button = '#export-parts';
  for (let part = 1; ; part++) {
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: 60000 }),
      page.click(button),
    ]);
    assert.match(download.suggestedFilename(), new RegExp(`^webmail-[\\d-]+-${part}\\.zip$`));
    paths.push(await download.path());
    await page.waitForSelector('#export-next, #export-done', { timeout: 60000 });
    if (await page.$('#export-done')) break;
    await says(page, '#export-pause-text', new RegExp(`Teil ${part} ist gespeichert\\. Noch \\d+`));
    if (part === 1) await look(page, 'de-320-export-pause');
    button = '#export-next';
  }
  assert.equal(paths.length, 4);
  await says(page, '#export-done', /12 Nachrichten.*in 4 Dateien/);
  await look(page, 'de-320-export-files');
  assert.deepEqual(read(...paths).flat().map(([subject]) => subject).sort(), everySubject);
  for (const size of await page.evaluate(() => window.saved))
    assert.ok(size < PART + EACH * 1.6, String(size));
  await assertLetGo(page, start);
  await world.closeBrowser(page);
});

test('where the browser writes files it goes there message by message, and no part is held', async () => {
  const page = await little({ files: true });
  await page.click('#export-begin');
  await says(page, '#export-choose-text', /wo sie liegen soll/);
  await look(page, 'de-320-export-choose');
  await page.evaluate(() => {
    window.refusing = true;
  });
  await page.click('#export-file');
  await page.waitForSelector('#export-file');
  await page.evaluate(() => {
    window.refusing = false;
  });
  const start = await held(page);
  let release;
  const waiting = new Promise((resolve) => {
    release = resolve;
  });
  const fetched = new Set();
  let reached;
  const there = new Promise((resolve) => {
    reached = resolve;
  });
  world.proxy.tamper = async (path) => {
    if (/\/blobs\/1$/.test(path)) fetched.add(path);
    if (fetched.size < COUNT) return undefined;
    reached();
    await waiting;
    return undefined;
  };
  await page.click('#export-file');
  await there;
  // Eleven of twelve are written; the page has let go of them.
  await says(page, '#export-share', /11 von 12/);
  await assertLetGo(page, start);
  release();
  world.proxy.restore();
  await says(page, '#export-done', /12 Nachrichten.*wo Sie es gewählt haben/);
  const { written, closed } = await page.evaluate(() => ({
    written: window.written,
    closed: window.finished,
  }));
  assert.ok(written.length > COUNT && Math.max(...written) < EACH * 1.6, String(written));
  assert.match(closed, /^webmail-[\d-]+\.zip$/);
  const text = await page.evaluate(async (name) => {
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getFileHandle(name)).getFile();
    const bytes = new Uint8Array(await file.arrayBuffer());
    let out = '';
    for (let at = 0; at < bytes.length; at += 30000)
      out += btoa(String.fromCharCode(...bytes.subarray(at, at + 30000)));
    return out;
  }, closed);
  const path = join(home, 'all.zip');
  await writeFile(path, Buffer.from(text, 'base64'));
  assert.ok((await readFile(path)).length > COUNT * EACH);
  assert.deepEqual(read(path)[0].map(([subject]) => subject).sort(), everySubject);
  await world.closeBrowser(page);
});

test('a disk that is full is said, and a cancelled export leaves no half file', async () => {
  const page = await little({ files: true });
  await page.click('#export-begin');
  await page.waitForSelector('#export-file');
  await page.evaluate(() => {
    window.full = true;
  });
  await page.click('#export-file');
  await says(page, '#export-error', /kein Platz/);
  await page.waitForFunction(() => window.aborted);
  await look(page, 'de-320-export-full');
  await page.evaluate(() => {
    window.full = false;
    window.aborted = null;
  });
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.click('#export-begin');
  await page.waitForSelector('#export-file');
  world.proxy.tamper = async (path) => {
    if (/blobs/.test(path)) await held;
    return undefined;
  };
  await page.click('#export-file');
  await says(page, '#export-share', /0 von 12/);
  await page.click('#export-cancel');
  await page.waitForSelector('#export-begin');
  await page.waitForFunction(() => window.aborted);
  assert.equal(await page.evaluate(() => window.finished ?? null), null);
  world.proxy.restore();
  release();
  assert.deepEqual(page.complaints, []);
  await world.closeBrowser(page);
});

// SPDX-License-Identifier: GPL-3.0-or-later
//
// A hostile portal and hostile mail. The proxy swaps things on their way; a canary server listens for
// anything that a message would load. Each time the page has to refuse, and to say why.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { World, PASSWORD, says } from '../lib/world.mjs';
import { makeKey } from '../lib/staff.mjs';
import { assertAccessible } from '../lib/axe.mjs';
import { CORPUS } from '../lib/corpus.mjs';

let world, kunde, other, first, second, page, evil, canary, canaryUrl;
const hits = [];

before(async () => {
  canary = http.createServer((request, response) => {
    hits.push(request.url);
    response.end();
  });
  await new Promise((resolve) => canary.listen(0, '127.0.0.1', resolve));
  canaryUrl = `http://127.0.0.1:${canary.address().port}`;
  world = await new World().open();
  evil = await makeKey('Erika Muster', world.staff.address);
  kunde = await world.staff.invite('kunde@kundenpost.example');
  other = await world.staff.invite('andere@kundenpost.example');
  first = await world.staff.publish(kunde, {
    subject: 'Erste',
    text: 'Text eins',
    files: [{ name: 'a.txt', type: 'text/plain', bytes: Buffer.from('Anlage') }],
  });
  second = await world.staff.publish(kunde, { subject: 'Zweite', text: 'Text zwei' });
  page = await world.browser();
  await world.register(page, kunde);
});

after(async () => {
  canary?.close();
  await world?.close();
});

async function openRefused(id, reason) {
  await page.goto(`${world.origin}/message/${id}`);
  await page.waitForSelector('#login-form');
  await world.login(page, kunde);
  await page.waitForSelector('#message-refused', { timeout: 20000 });
  assert.match(await page.textContent('#refused-reason'), reason);
  assert.equal(await page.$('#message-text'), null);
  world.proxy.restore();
}

async function loginRefused(reason) {
  await page.goto(`${world.origin}/`);
  await page.fill('#login-address', kunde.address);
  await page.fill('#login-password', PASSWORD);
  await page.click('#login-submit');
  await page.waitForSelector('#login-error .notice', { timeout: 30000 });
  assert.match(await page.textContent('#login-error'), reason);
  assert.equal(await page.$('#logout'), null);
  world.proxy.restore();
}

const oneMessage = (id) => new RegExp(`^/p/v1/messages/${id}$`);

test('a manifest of another message in its place is refused', async () => {
  world.proxy.tamperJson(oneMessage(first.id), (json) => ({ ...json, manifest: second.manifest }));
  await openRefused(first.id, /an die Stelle einer anderen gesetzt/);
});

test('a manifest signed by a stranger with the same name is refused', async () => {
  const forged = await world.staff.compose(kunde, {
    subject: 'Falsch',
    text: 'x',
    signer: evil,
    id: first.id,
  });
  world.proxy.tamperJson(oneMessage(first.id), (json) => ({ ...json, manifest: forged.manifest }));
  await openRefused(first.id, /Unterschrift fehlt/);
});

test('an unsigned manifest is refused', async () => {
  const forged = await world.staff.compose(kunde, {
    subject: 'Falsch',
    text: 'x',
    signer: null,
    id: first.id,
  });
  world.proxy.tamperJson(oneMessage(first.id), (json) => ({ ...json, manifest: forged.manifest }));
  await openRefused(first.id, /Unterschrift fehlt/);
});

test('a signed manifest for another mailbox or another portal is refused', async () => {
  const mailbox = await world.staff.compose(kunde, {
    subject: 'x',
    text: 'x',
    id: first.id,
    over: { mailbox: other.handle },
  });
  world.proxy.tamperJson(oneMessage(first.id), (json) => ({ ...json, manifest: mailbox.manifest }));
  await openRefused(first.id, /für ein anderes Postfach/);
  const portal = await world.staff.compose(kunde, {
    subject: 'x',
    text: 'x',
    id: first.id,
    over: { portal: 'https://portal.evil.example' },
  });
  world.proxy.tamperJson(oneMessage(first.id), (json) => ({ ...json, manifest: portal.manifest }));
  await openRefused(first.id, /für ein anderes Portal/);
});

test('a damaged manifest is refused', async () => {
  world.proxy.tamperJson(oneMessage(first.id), (json) => ({
    ...json,
    manifest: json.manifest.replace(
      /\n([A-Za-z0-9+/]{20})/g,
      (line) => `${line.slice(0, -1)}${line.endsWith('A') ? 'B' : 'A'}`,
    ),
  }));
  await openRefused(first.id, /nicht entschlüsseln/);
});

test('a body with one flipped bit is refused', async () => {
  world.proxy.tamper = (path, method, body) => {
    if (path !== `/p/v1/messages/${first.id}/blobs/0`) return undefined;
    const bad = Buffer.from(body);
    bad[bad.length - 5] ^= 1;
    return bad;
  };
  await openRefused(first.id, /nach der Unterschrift verändert/);
  // What was refused was not read.
  assert.equal((await world.staff.state(first.id)).read_at, null);
});

test('an attachment that was swapped is not saved', async () => {
  await page.goto(`${world.origin}/message/${first.id}`);
  await world.login(page, kunde);
  await page.waitForSelector('#message-text');
  const sealed = Buffer.from(await world.staff.seal('falsche Anlage', kunde));
  world.proxy.tamper = (path) => (path.endsWith('/blobs/1') ? sealed : undefined);
  let downloads = 0;
  page.on('download', () => downloads++);
  await page.click('[data-testid=attachment]');
  await page.waitForFunction(() =>
    /verändert/.test(document.querySelector('.download-state').textContent),
  );
  assert.equal(downloads, 0);
  world.proxy.restore();
});

test('one refused message does not hide the others in the list', async () => {
  const forged = await world.staff.compose(kunde, {
    subject: 'Falsch',
    text: 'x',
    signer: evil,
    id: first.id,
  });
  world.proxy.tamperJson(/^\/p\/v1\/messages\?folder=inbox/, (json) => ({
    ...json,
    messages: json.messages.map((m) =>
      m.id === first.id ? { ...m, manifest: forged.manifest } : m,
    ),
  }));
  await page.click('#nav-inbox');
  await page.waitForSelector('[data-testid=message-refused]');
  assert.equal(await page.locator('[data-testid=message-row]').count(), 1);
  assert.match(await page.textContent('[data-testid=message-row]'), /Zweite/);
  assert.doesNotMatch(await page.content(), /Falsch</);
  await assertAccessible(page, 'list with a refused message');
  world.proxy.restore();
});

test('a swapped office key is refused at login', async () => {
  const roster = await world.staff.signRoster(9, evil);
  world.proxy.tamperJson(/^\/p\/v1\/login\/finish$/, (json) => ({
    ...json,
    office_key: evil.toPublic().armor(),
    roster,
  }));
  await loginRefused(/Schlüssel der Agentur ist nicht der/);
});

test('a roster that the office did not sign is refused at login', async () => {
  const roster = await world.staff.signRoster(9, evil);
  world.proxy.tamperJson(/^\/p\/v1\/login\/finish$/, (json) => ({ ...json, roster }));
  await loginRefused(/nicht von der Agentur bestätigt/);
});

test('an older roster than this browser has seen is refused at login', async () => {
  const newer = await world.staff.signRoster(5);
  const older = await world.staff.signRoster(4);
  await page.goto(`${world.origin}/`);
  world.proxy.tamperJson(/^\/p\/v1\/login\/finish$/, (json) => ({ ...json, roster: newer }));
  await world.login(page, kunde);
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  world.proxy.tamperJson(/^\/p\/v1\/login\/finish$/, (json) => ({ ...json, roster: older }));
  await loginRefused(/älter als eine/);
  await page.evaluate(() => localStorage.clear());
});

test('a mailbox wrap with one flipped bit, and that of another customer, are refused', async () => {
  world.proxy.tamperJson(/^\/p\/v1\/login\/finish$/, (json) => {
    const wrap = Buffer.from(json.mailbox_wrap, 'base64url');
    wrap[100] ^= 1;
    return { ...json, mailbox_wrap: wrap.toString('base64url') };
  });
  await loginRefused(/nicht Ihres ist oder/);
  world.proxy.tamperJson(/^\/p\/v1\/login\/finish$/, (json) => ({ ...json, handle: other.handle }));
  await loginRefused(/nicht Ihres ist oder/);
});

test('at registration a swapped wrap, office key or roster is refused before anything secret is made', async () => {
  const fresh = await world.browser();
  const tries = [
    [
      (json) => ({ ...json, code_wrap: randomBytes(4096 + 28).toString('base64url') }),
      /Code passt nicht/,
    ],
    [(json) => ({ ...json, office_key: evil.toPublic().armor() }), /Schlüssel der Agentur/],
    [
      (json) => ({ ...json, roster: { ...json.roster, version: json.roster.version + 1 } }),
      /nicht von der Agentur bestätigt/,
    ],
  ];
  for (const [change, reason] of tries) {
    await fresh.goto('about:blank');
    await fresh.goto(`${world.origin}/register#i=${other.invitation}`);
    world.proxy.tamperJson(/^\/p\/v1\/register\/open$/, change);
    const before = world.proxy.requests.length;
    await fresh.fill('#register-code', other.digits);
    await fresh.click('#register-code-submit');
    await fresh.waitForSelector('#register-error', { timeout: 30000 });
    assert.match(await fresh.textContent('#register-error'), reason);
    assert.ok(
      !world.proxy.requests.slice(before).some(({ path }) => path.includes('/register/start')),
    );
  }
  world.proxy.restore();
  await world.closeBrowser(fresh);
});

function addByte(prefix) {
  world.proxy.tamper = (path, method, body) =>
    path.startsWith(prefix) ? Buffer.concat([body, Buffer.from('\n')]) : undefined;
}

test('a page script with one byte more does not run', async () => {
  const fresh = await world.browser();
  addByte('/assets/app-');
  await fresh.goto(`${world.origin}/`);
  await fresh.waitForLoadState('networkidle');
  assert.equal(await fresh.locator('#login-form').count(), 0);
  assert.match(await fresh.textContent('body'), /Bleibt dieser Satz stehen/);
  assert.match(fresh.complaints.join(), /integrity/);
  world.proxy.restore();
  await world.closeBrowser(fresh);
});

test('a vault with one byte more does not start, and no password is sent', async () => {
  const fresh = await world.browser();
  addByte('/assets/vault-');
  await fresh.goto(`${world.origin}/`);
  const before = world.proxy.requests.length;
  await fresh.fill('#login-address', kunde.address);
  await fresh.fill('#login-password', PASSWORD);
  await fresh.click('#login-submit');
  await says(fresh, '#login-error', /unterwegs verändert/);
  assert.equal(fresh.workers().length, 0);
  assert.ok(!world.proxy.requests.slice(before).some(({ path }) => path.startsWith('/p/v1/login')));
  world.proxy.restore();
  await world.closeBrowser(fresh);
});

test('hostile HTML runs nothing and loads nothing', async () => {
  const pieces = CORPUS(canaryUrl);
  const ids = [];
  for (const piece of [...pieces, pieces.join('\n')]) {
    const text = `<script>window.pwned=1</script> ${canaryUrl}/text`;
    ids.push(
      (
        await world.staff.publish(kunde, {
          subject: '<img src=x onerror=alert(1)>',
          text,
          html: `<p>Anfang der Nachricht</p>${piece}`,
        })
      ).id,
    );
  }
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs++;
    dialog.dismiss();
  });
  await page.goto(`${world.origin}/inbox`);
  await world.login(page, kunde);
  for (const id of ids) {
    await page.click(`[data-id="${id}"]`);
    assert.equal(await page.textContent('#message-subject'), '<img src=x onerror=alert(1)>');
    await page.click('#message-toggle');
    const body = page.frameLocator('#message-html').locator('body');
    assert.match(await body.textContent(), /Anfang der Nachricht/);
    const markup = await body.evaluate((node) => node.outerHTML);
    assert.doesNotMatch(
      markup,
      /<(script|iframe|object|embed|form|input|svg|math|style|link|meta|base|video|audio|template)\b|<[^>]*\son\w+=|<[^>]*javascript:/i,
    );
    assert.doesNotMatch(
      markup,
      /<[^>]*\s(src|href|background|poster|srcset|ping)="?\s*(https?:|\/\/)/i,
    );
    await page.click('#back');
  }
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(dialogs, 0);
  assert.deepEqual(hits, []);
  assert.equal(new URL(page.url()).origin, world.origin);
  // The control: the canary does hear what is loaded.
  await fetch(`${canaryUrl}/control`);
  assert.deepEqual(hits, ['/control']);
});

test('hostile names of files and people stay where they belong', async () => {
  const odd = await world.staff.publish(kunde, {
    subject: 'Namen',
    text: 'x',
    over: { from: { name: 'Erika\u202E retsuM', address: world.staff.address } },
    files: [
      { name: '../../../.ssh/authorized_keys', type: 'text/plain', bytes: Buffer.from('1') },
      {
        name: 'Rechnung\u202Efdp.exe',
        type: 'text/html',
        bytes: Buffer.from('<script>1</script>'),
      },
    ],
  });
  await page.goto(`${world.origin}/message/${odd.id}`);
  await world.login(page, kunde);
  await page.waitForSelector('#message-text');
  const names = await page
    .locator('[data-testid=attachment]')
    .evaluateAll((nodes) => nodes.map((n) => n.dataset.name));
  assert.deepEqual(names, ['_.._.._.ssh_authorized_keys', 'Rechnungfdp.exe']);
  assert.doesNotMatch(await page.textContent('main'), /\u202e/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('[data-testid=attachment]').nth(1).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'Rechnungfdp.exe');
});

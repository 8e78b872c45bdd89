// SPDX-License-Identifier: GPL-3.0-or-later
//
// A customer is logged in and looks at somebody else's page. That page tries every request that openapi.yaml
// knows, by all the ways a browser offers, from another site and from another port of the same one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World } from '../lib/world.mjs';

let world, kunde, message, page, evil, origins, calls;

/** [method, path] of every operation, with the message's id in each place. */
async function operations() {
  const cache = await readFile(join(process.env.SGP_BUILD_DIR, 'CMakeCache.txt'), 'utf8');
  const root = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(cache)[1];
  const text = await readFile(join(root, 'portal/protocol/openapi.yaml'), 'utf8');
  const found = [];
  let path = null;
  for (const line of text.split('\n')) {
    path = /^ {2}(\/(?:p|api)\/[^ ]*):/.exec(line)?.[1] ?? path;
    const method = /^ {4}(get|head|post|put|patch|delete):/.exec(line)?.[1];
    if (method && path)
      found.push([method.toUpperCase(), path.replace('{n}', '0').replace(/\{\w+\}/, message.id)]);
  }
  assert.ok(found.length > 45, `${found.length} operations`);
  return found;
}

before(async () => {
  world = await new World().open();
  kunde = await world.staff.invite('kunde@kundenpost.example');
  message = await world.staff.publish(kunde, { subject: 'Betreff', text: 'Text' });
  page = await world.browser();
  await world.register(page, kunde);
  await page.click('#register-login');
  await world.login(page, kunde);
  calls = await operations();
  evil = http.createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>Gewinnspiel</title><p>Hier klicken</p>');
  });
  await new Promise((resolve) => evil.listen(0, '127.0.0.1', resolve));
  const { port } = evil.address();
  origins = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
});

after(async () => {
  evil?.close();
  await world?.close();
});

/** What a page of another origin can do; runs in the browser. Returns what it got to read. */
async function attack({ target, calls, token }) {
  const read = [];
  for (const [method, path] of calls) {
    const url = `${target}${path}${path.includes('?') ? '&' : '?'}attack=${token}`;
    for (const options of [
      { mode: 'no-cors', credentials: 'include' },
      // Some requests need no body; logging out is one.
      { mode: 'no-cors', credentials: 'include', body: undefined },
      { mode: 'cors', credentials: 'include' },
      {
        mode: 'cors',
        credentials: 'include',
        headers: { 'X-Siegelpost': '1', 'Content-Type': 'application/json' },
      },
    ]) {
      const body = ['GET', 'HEAD'].includes(method) ? undefined : '{}';
      try {
        const answer = await fetch(url, { method, body, ...options });
        const text = await answer.text();
        if (answer.type !== 'opaque' || text) read.push([method, path, text]);
      } catch {
        // what should happen
      }
    }
    if (method === 'GET')
      for (const name of ['img', 'script', 'iframe', 'embed']) {
        const element = document.createElement(name);
        element.src = url;
        document.body.append(element);
        await new Promise((resolve) => {
          element.onload = element.onerror = resolve;
          setTimeout(resolve, 300);
        });
        if (name === 'img' && element.naturalWidth > 0) read.push(['img', path]);
        element.remove();
      }
    if (method === 'POST')
      for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
        const frame = document.createElement('iframe');
        frame.name = `f${Math.random()}`;
        const form = document.createElement('form');
        Object.assign(form, { action: url, method: 'post', enctype: type, target: frame.name });
        const field = document.createElement('input');
        Object.assign(field, { name: '{"a":"', value: '"}' });
        form.append(field);
        document.body.append(frame, form);
        form.submit();
        await new Promise((resolve) => {
          frame.onload = resolve;
          setTimeout(resolve, 300);
        });
        form.remove();
        frame.remove();
      }
  }
  return read;
}

const withoutTimes = (dump) => dump.replace(/INSERT INTO "?tries"?.*/g, '');

test('another site reaches nothing with the session of a customer', async () => {
  const earlier = withoutTimes(world.databaseDump());
  for (const origin of origins) {
    const token = randomUUID();
    const begun = world.proxy.requests.length;
    const other = await page.context().newPage();
    await other.goto(origin);
    const read = await other.evaluate(attack, { target: world.origin, calls, token });
    assert.deepEqual(read, [], origin);
    // The control: the browser did send what needs no leave, so that it was the portal that refused.
    const sent = world.proxy.requests.slice(begun).filter(({ path }) => path.includes(token));
    assert.ok(sent.filter(({ method }) => method === 'POST').length > 20, 'forms were sent');
    assert.ok(sent.filter(({ method }) => method === 'GET').length > 20, 'pictures were asked for');
    assert.ok(!sent.some(({ method }) => ['PUT', 'PATCH', 'DELETE'].includes(method)), 'no leave');
    await other.close();
  }
  assert.equal(withoutTimes(world.databaseDump()), earlier);
  await page.click('#nav-inbox');
  await page.waitForSelector(`[data-id="${message.id}"]`);
});

test('no page of the portal can be framed', async () => {
  for (const origin of origins) {
    const other = await page.context().newPage();
    const refusals = [];
    other.on('console', (line) => {
      if (/frame-ancestors/.test(line.text())) refusals.push(line.text());
    });
    await other.goto(origin);
    const frame = (src) =>
      other.evaluate(async (address) => {
        document.body.replaceChildren();
        const element = document.createElement('iframe');
        element.src = address;
        document.body.append(element);
        await new Promise((resolve) => {
          element.onload = resolve;
        });
      }, src);
    const framed = () => other.frames().filter((one) => one !== other.mainFrame());
    for (const path of ['/', '/inbox', '/compose', '/account', '/register', '/recover']) {
      const before = refusals.length;
      await frame(`${world.origin}${path}`);
      assert.ok(refusals.length > before, `${path} in ${origin} was not refused`);
      assert.ok(framed().every((one) => !one.url().startsWith(world.origin)));
    }
    // The control: what allows it is framed, without a word.
    const before = refusals.length;
    await frame(`${origin}/frame`);
    assert.ok(framed().some((one) => one.url() === `${origin}/frame`));
    assert.equal(refusals.length, before);
    await other.close();
  }
});

test('an opened window gives no handle on the portal', async () => {
  const other = await page.context().newPage();
  await other.goto(origins[0]);
  const opening = page.context().waitForEvent('page');
  await other.evaluate((url) => {
    window.opened = window.open(url);
  }, `${world.origin}/`);
  const opened = await opening;
  await opened.waitForSelector('#login-form, #logout');
  assert.equal(await other.evaluate(() => window.opened.closed), true, 'cut off by its opener policy');
  assert.equal(await opened.evaluate(() => window.opener), null);
  await opened.close();
  await other.close();
});

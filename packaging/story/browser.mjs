// SPDX-License-Identifier: GPL-3.0-or-later
//
// A browser that does what it is told, one JSON line at a time on standard input, and answers with one JSON
// line each: {"ok":value} or {"error":text}. It knows nothing of the story; customer.py does.
//   SGP_WEB_PACKAGES  folder whose node_modules has playwright-core
//   SGP_PROFILE       folder for Chromium's profile and downloads

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.env.SGP_WEB_PACKAGES, 'package.json'))('playwright-core');
const LIMIT = 30000;

const context = await chromium.launchPersistentContext(process.env.SGP_PROFILE, {
  executablePath: '/usr/bin/chromium',
  headless: process.env.SGP_SHOW !== '1',
  locale: 'de-DE',
  timezoneId: 'Europe/Berlin',
  viewport: { width: 1100, height: 820 },
  acceptDownloads: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(LIMIT);
const id = (name) => page.locator(`[data-testid="${name}"]`);

const actions = {
  open: async ({ url }) => { await page.goto(url); await page.locator('h1').first().waitFor(); },
  fill: ({ name, value }) => id(name).fill(value),
  choose: ({ name, value }) => id(name).selectOption(value),
  files: ({ name, paths }) => id(name).setInputFiles(paths),
  press: ({ name }) => id(name).first().click(),
  wait: ({ name, seconds }) => id(name).first().waitFor({ timeout: (seconds ?? 30) * 1000 }),
  text: async ({ name }) => (await id(name).first().innerText()).trim(),
  count: ({ name }) => id(name).count(),
  has: async ({ name }) => (await id(name).count()) > 0,
  shot: async ({ path }) => { await page.screenshot({ path }); },
  download: async ({ name, path }) => {
    const [download] = await Promise.all([page.waitForEvent('download'), id(name).first().click()]);
    await download.saveAs(path);
    return download.suggestedFilename();
  },
  html: () => page.content(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { action, ...given } = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify({ ok: (await actions[action](given)) ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: `${action} ${given.name ?? given.url ?? ''}: ${error.message}` })}\n`);
  }
}
await context.close();

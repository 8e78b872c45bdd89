// SPDX-License-Identifier: GPL-3.0-or-later
//
// Bundles the pages: node build.mjs OUTPUT-FOLDER [MANIFEST], run in a folder that holds src/ and node_modules/.
// Three scripts and no chunks: the page, the vault and the judge of passwords. The page knows the SHA-384
// of the other two and index.html the page's, so one changed byte anywhere stops the rest (SRI). The same
// sources and lockfile give the same bytes: nothing of time, place or machine goes in (tests/release).
// MANIFEST gets the digest of every file that the portal serves: what a release signs, and others compare with.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { build, transform } from 'esbuild';

const out = process.argv[2] ?? 'dist';
const assets = join(out, 'assets');

function integrity(bytes) {
  return `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
}

/** Writes a file under a name made from its content; so a cached one can never be a stale one. */
async function put(name, bytes) {
  const short = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const [, stem, extension] = /^(.*)(\.[a-z]+)$/.exec(name);
  await writeFile(join(assets, `${stem}-${short}${extension}`), bytes);
  return { url: `/assets/${stem}-${short}${extension}`, integrity: integrity(bytes) };
}

async function bundle(entry, name, format, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [join('src', entry)],
    bundle: true,
    write: false,
    minify: true,
    format,
    platform: 'browser',
    target: ['es2022'],
    conditions: ['browser'],
    charset: 'utf8',
    legalComments: 'external',
    outfile: join(out, name),
    define,
    logLevel: 'warning',
  });
  const licences = outputFiles.find((file) => file.path.endsWith('.LEGAL.txt'));
  if (licences?.text) await writeFile(join(out, `${name}.LEGAL.txt`), licences.contents);
  return put(name, outputFiles.find((file) => file.path.endsWith('.js')).contents);
}

await rm(out, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
const vault = await bundle('vault/worker.mjs', 'vault.js', 'iife');
const strength = await bundle('strength-worker.mjs', 'strength.js', 'iife');
const logo = await put('logo.svg', await readFile('src/logo.svg'));
const sheets = (await readdir('src/style')).sort();
const css = await Promise.all(sheets.map((name) => readFile(join('src/style', name), 'utf8')));
const { code } = await transform(css.join('\n'), { loader: 'css', minify: true, charset: 'utf8' });
const style = await put('style.css', Buffer.from(code));
const app = await bundle('main.mjs', 'app.js', 'esm', {
  __VAULT__: JSON.stringify(vault),
  __STRENGTH__: JSON.stringify(strength),
  __LOGO__: JSON.stringify(logo.url),
});
const page = (await readFile('src/index.html', 'utf8'))
  .replaceAll('@LOGO@', logo.url)
  .replace('@STYLE@', style.url)
  .replace('@STYLE_INTEGRITY@', style.integrity)
  .replace('@APP@', app.url)
  .replace('@APP_INTEGRITY@', app.integrity);
await writeFile(join(out, 'index.html'), page);

if (process.argv[3]) {
  const { name, version } = JSON.parse(await readFile('package.json', 'utf8'));
  const listed = await readdir(out, { recursive: true, withFileTypes: true });
  const names = listed
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(out, sep).length).replaceAll(sep, '/'))
    .sort();
  const files = {};
  for (const file of names) files[file] = integrity(await readFile(join(out, file)));
  await writeFile(process.argv[3], `${JSON.stringify({ v: 1, name, version, files }, null, 1)}\n`);
}

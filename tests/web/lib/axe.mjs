// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

const source = await readFile(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Whatever is pressed, but links inside a sentence, must be large enough for a thumb: 44 px. */
function tooSmall() {
  const wanted =
    'button, .button, select, textarea, input:not([type=hidden], .aloud), nav a, .links a, .support a, .back, a.row, .drafts a, .file-field > label';
  return Array.from(document.querySelectorAll(wanted))
    .filter((node) => node.checkVisibility() && node.closest('.aloud, [hidden], noscript') === null)
    .map((node) => ({ node, box: node.getBoundingClientRect() }))
    .filter(({ box }) => box.height > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(
      ({ node, box }) =>
        `${Math.round(box.width)}x${Math.round(box.height)}: ${node.outerHTML.slice(0, 120)}`,
    );
}

/** Text that ends where its box ends, though there is more of it. */
function cutOff() {
  return Array.from(document.querySelectorAll('main *, header *, footer *'))
    .filter((node) => !['INPUT', 'SELECT', 'TEXTAREA', 'IFRAME'].includes(node.tagName))
    .filter((node) => node.checkVisibility() && node.closest('.aloud') === null)
    .filter((node) => {
      const { overflowX, overflowY, textOverflow } = getComputedStyle(node);
      const hides = overflowX !== 'visible' || overflowY !== 'visible';
      return (
        node.scrollWidth > node.clientWidth + 1 &&
        node.clientWidth > 0 &&
        (hides || textOverflow === 'ellipsis')
      );
    })
    .map((node) => node.outerHTML.slice(0, 120));
}

/** No violation of WCAG 2.2 AA on the page as it stands, no sideways scrolling, nothing cut, nothing too small to press. */
export async function assertAccessible(page, name) {
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      iframes: false,
    });
    return found.violations.map(
      (v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`,
    );
  });
  assert.deepEqual(violations, [], name);
  const [inner, outer] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    window.innerWidth,
  ]);
  assert.ok(inner <= outer, `${name}: ${inner} px wide in a window of ${outer}`);
  assert.deepEqual(await page.evaluate(tooSmall), [], `${name}: too small to press`);
  assert.deepEqual(await page.evaluate(cutOff), [], `${name}: cut off`);
}

// SPDX-License-Identifier: GPL-3.0-or-later
//
// Looks at a page as it stands: no violation of WCAG 2.2 AA, and a screenshot where SGP_SHOTS asks for one.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertAccessible } from './axe.mjs';

const shots = process.env.SGP_SHOTS;

export async function shot(on, name) {
  if (!shots) return;
  await mkdir(shots, { recursive: true });
  await on.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

export async function look(on, name) {
  await assertAccessible(on, name);
  await shot(on, name);
}

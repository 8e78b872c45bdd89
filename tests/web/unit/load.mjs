// SPDX-License-Identifier: GPL-3.0-or-later
//
// The modules under test come from the build folder, where they lie beside their packages.

import { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Debian 12's Node has it, but not as a global.
globalThis.crypto ??= webcrypto;

export const BUILD = process.env.SGP_BUILD_DIR;
if (!BUILD) throw new Error('SGP_BUILD_DIR is not set');

export function load(path) {
  return import(pathToFileURL(join(BUILD, 'portal/web/src', path)).href);
}

export function loadPackage(path) {
  return import(pathToFileURL(join(BUILD, 'portal/web/node_modules', path)).href);
}

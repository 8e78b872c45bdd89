// SPDX-License-Identifier: GPL-3.0-or-later
//
// One line per test, the reason below one that failed, and the sum that tests/run reads.

import { inspect } from 'node:util';

export default async function* reporter(source) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of source) {
    // A file counts only where it could not even be loaded; its tests count themselves.
    if (type === 'test:pass' && data.details?.type !== 'suite' && !/\.mjs$/.test(data.name)) {
      passed++;
      yield `ok      ${data.name}\n`;
    } else if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') {
      failed++;
      const error = data.details?.error?.cause ?? data.details?.error;
      yield `FAILED  ${data.name}\n${String(error?.stack ?? inspect(error)).replace(/^/gm, '        ')}\n`;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}

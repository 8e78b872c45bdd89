// SPDX-License-Identifier: GPL-3.0-or-later
//
// The list of pages. Everything else follows from it.

import { start } from './app.mjs';
import { composeDonePage, composePage } from './pages/compose.mjs';
import { inboxPage, sentPage } from './pages/folder.mjs';
import { helpPages } from './pages/help.mjs';
import { loginPage } from './pages/login.mjs';
import { messagePage } from './pages/message.mjs';
import { accountPages } from './pages/account.mjs';
import { recoverPages } from './pages/recover.mjs';
import { registerPage } from './pages/register.mjs';

start([
  loginPage,
  registerPage,
  inboxPage,
  sentPage,
  messagePage,
  composePage,
  composeDonePage,
  ...accountPages,
  ...recoverPages,
  ...helpPages,
]);

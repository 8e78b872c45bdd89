// SPDX-License-Identifier: GPL-3.0-or-later
//
// Our one Trusted Types policy. The browser lets nothing else make HTML or script addresses from strings
// (CSP: require-trusted-types-for 'script'; trusted-types siegelpost). Only html-view.mjs and
// vault-client.mjs import this file; a test of the tree holds that.

const rules = {
  createHTML: (html) => html,
  createScriptURL(url) {
    // Workers only, and only from bytes whose SHA-384 the browser has checked (vault-client.mjs).
    if (!url.startsWith(`blob:${window.location.origin}/`))
      throw new TypeError('not a worker of ours');
    return url;
  },
};

export const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy('siegelpost', rules)
  : rules;

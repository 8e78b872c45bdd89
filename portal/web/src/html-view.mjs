// SPDX-License-Identifier: GPL-3.0-or-later
//
// The formatted version of a message. Four walls, each enough alone: DOMPurify with a short list of
// elements; a frame with an empty `sandbox` (no scripts, no forms, an origin of its own, no navigation of
// the page); the page's CSP, which the frame inherits; Trusted Types. Loads nothing from anywhere: an image
// that is fetched tells the sender when, where and on what the message was read.

import DOMPurify from 'dompurify';
import { h } from './dom.mjs';
import { policy } from './trusted.mjs';

const CONFIG = {
  ALLOWED_TAGS: [
    'a',
    'abbr',
    'b',
    'blockquote',
    'br',
    'caption',
    'center',
    'code',
    'col',
    'colgroup',
    'dd',
    'del',
    'div',
    'dl',
    'dt',
    'em',
    'font',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'i',
    'img',
    'ins',
    'li',
    'ol',
    'p',
    'pre',
    's',
    'small',
    'span',
    'strong',
    'sub',
    'sup',
    'table',
    'tbody',
    'td',
    'tfoot',
    'th',
    'thead',
    'tr',
    'u',
    'ul',
  ],
  ALLOWED_ATTR: [
    'align',
    'alt',
    'bgcolor',
    'border',
    'cellpadding',
    'cellspacing',
    'color',
    'colspan',
    'dir',
    'face',
    'height',
    'href',
    'lang',
    'rowspan',
    'size',
    'src',
    'title',
    'valign',
    'width',
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  SANITIZE_NAMED_PROPS: true,
};
// Raster images inside the message; SVG is a document with script and links of its own.
const INLINE_IMAGE = /^data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+$/i;

function keepLocal(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  if (
    node.hasAttribute('src') &&
    (node.localName !== 'img' || !INLINE_IMAGE.test(node.getAttribute('src')))
  )
    node.removeAttribute('src');
  if (node.localName !== 'a') return;
  // Links become text: the frame cannot open them anyway, and a reader should see where one would lead.
  const target = node.getAttribute('href') ?? '';
  node.removeAttribute('href');
  if (/^(https?|mailto):/i.test(target) && !node.textContent.includes(target))
    node.append(` [${target.slice(0, 300)}]`);
}

/** @returns {string} HTML that loads nothing and runs nothing */
export function sanitise(html) {
  const purifier = DOMPurify(window);
  purifier.addHook('afterSanitizeAttributes', keepLocal);
  return String(
    purifier.sanitize(html, {
      ...CONFIG,
      TRUSTED_TYPES_POLICY: window.trustedTypes ? policy : undefined,
    }),
  );
}

/** A frame with the sanitised message; `title` names it for screen readers. */
export function htmlFrame(html, title) {
  const frame = h('iframe', {
    id: 'message-html',
    class: 'message-html',
    sandbox: '',
    title,
    referrerpolicy: 'no-referrer',
    tabindex: '0',
  });
  // Colours and face by attribute: the inherited CSP allows no inline style, and should not.
  frame.srcdoc = policy.createHTML(
    '<!doctype html><html><head><meta charset="utf-8"></head>' +
      `<body bgcolor="#ffffff" text="#1b2a33"><font face="system-ui, sans-serif">${sanitise(html)}</font></body></html>`,
  );
  return frame;
}

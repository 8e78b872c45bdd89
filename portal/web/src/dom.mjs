// SPDX-License-Identifier: GPL-3.0-or-later
//
// Makes elements. Text is always a text node: no string from a message is ever parsed as HTML here
// (the one place that does is html-view.mjs). Trusted Types hold every other file to that.

const BOOLEAN = new Set([
  'disabled',
  'required',
  'hidden',
  'readonly',
  'multiple',
  'checked',
  'selected',
  'autofocus',
  'novalidate',
]);

/**
 * h('button', {id, class, onclick, 'aria-label'}, 'text', node, [nodes], null)
 * Attributes that are null or false are left out; an `id` is also the `data-testid` that tests and the demo use.
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (BOOLEAN.has(name)) node.toggleAttribute(name, true);
    else node.setAttribute(name, value);
    if (name === 'id') node.setAttribute('data-testid', value);
  }
  node.append(
    ...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  check: 'M4 12.5l5 5L20 6.5',
  alert: 'M12 3l10 18H2L12 3zm0 7v5m0 2.5v.5',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.6 1.6 0 0 1-2.3-2.3L14 8',
  down: 'M12 3v12m-5-5l5 5 5-5M4 20h16',
  reply: 'M9 6l-6 6 6 6m-6-6h11a7 7 0 0 1 7 7',
  pen: 'M4 20l1-5L16 4l4 4L9 19l-5 1z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  phone:
    'M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z',
  mail: 'M3 5h18v14H3zM3 6l9 7 9-7',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4v5l3.5 2',
};

/** A small drawing that says nothing which the text beside it does not say. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

/** A labelled field: label, hint and error are bound to the input for screen readers. */
export function field({ id, label, hint, input, after }) {
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(' ');
  input.id = id;
  input.setAttribute('data-testid', id);
  input.setAttribute('aria-describedby', described);
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    input,
    after,
    h('p', { class: 'field-error', id: `${id}-error`, role: 'alert' }),
  );
}

/** What is chosen, in full below the field: small screens cut it off inside. Heard once, from the field itself. */
export function chosenInFull(select) {
  const line = h('p', { class: 'hint chosen-in-full', 'aria-hidden': 'true' });
  const follow = () => {
    line.textContent = select.selectedOptions[0]?.textContent ?? '';
  };
  for (const event of ['change', 'input']) select.addEventListener(event, follow);
  follow();
  return line;
}

/** Names and subjects in their own direction, so that an Arabic name does not turn round what stands beside it. */
export function own(text) {
  return h('bdi', {}, text);
}

/** Shows or clears the error under a field; moves the focus there if it is the first. */
export function fieldError(id, message, focus = true) {
  const input = document.getElementById(id);
  const line = document.getElementById(`${id}-error`);
  if (!input || !line) return;
  line.textContent = message ?? '';
  if (message) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
  if (message && focus) input.focus();
}

export function button(
  id,
  label,
  onclick,
  { kind = 'plain', symbol = null, type = 'button', disabled = false } = {},
) {
  return h(
    'button',
    { id, type, class: `button ${kind}`, onclick, disabled },
    symbol && icon(symbol),
    h('span', {}, label),
  );
}

/** A box with a sentence; `kind`: info, good, warn, bad. */
export function notice(kind, content, id = null) {
  const symbol = { good: 'check', info: 'lock', warn: 'clock', bad: 'alert' }[kind];
  return h(
    'div',
    { class: `notice ${kind}`, id, role: kind === 'bad' ? 'alert' : null },
    icon(symbol),
    h('div', {}, content),
  );
}

/** A password field with a switch to see what was typed (phones: typing blind is where people fail). */
export function passwordInput(show, hide, autocomplete) {
  const input = h('input', {
    type: 'password',
    autocomplete,
    required: true,
    spellcheck: 'false',
    autocapitalize: 'none',
  });
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'reveal',
      'aria-pressed': 'false',
      onclick: () => {
        const hidden = input.type === 'password';
        input.type = hidden ? 'text' : 'password';
        toggle.setAttribute('aria-pressed', String(hidden));
        toggle.textContent = hidden ? hide : show;
      },
    },
    show,
  );
  return { input, row: h('div', { class: 'with-button' }, input, toggle) };
}

// SPDX-License-Identifier: GPL-3.0-or-later
//
// Inbox and sent folder. A message that is refused is a row that says why; it never hides the others.

import { announce, app, failedView, guarded, link, sentenceFor } from '../app.mjs';
import { get } from '../api.mjs';
import { button, h, icon, own } from '../dom.mjs';
import { showDate, showShortDate, t } from '../i18n.mjs';
import { listDrafts } from '../drafts.mjs';
import { openAhead } from './message.mjs';

function row(item, folder) {
  if (item.refused) {
    return h(
      'li',
      {},
      h(
        'div',
        { class: 'row refused', 'data-testid': 'message-refused', 'data-id': item.id },
        icon('alert'),
        h(
          'span',
          { class: 'row-main' },
          h('strong', {}, t('list.refused')),
          h('span', { class: 'row-sub' }, t(`refused.${item.refused}`)),
        ),
        h('time', {}, showShortDate(item.received)),
      ),
    );
  }
  const people = folder === 'sent' ? item.to : [item.from];
  const names = people.flatMap((p, i) => [i > 0 && ', ', own(p.name || p.address)]);
  const fresh = folder === 'inbox' && !item.read;
  return h(
    'li',
    {},
    link(
      `/message/${item.id}`,
      {
        class: fresh ? 'row new' : 'row',
        id: `row-${item.id}`,
        'data-testid': 'message-row',
        'data-id': item.id,
      },
      h('span', { class: 'mark', 'aria-hidden': 'true' }),
      h(
        'span',
        { class: 'row-main' },
        h(
          'span',
          { class: 'row-from' },
          fresh && h('span', { class: 'tag' }, t('list.new')),
          folder === 'sent' && t('list.to'),
          names,
        ),
        h('span', { class: 'row-subject', dir: 'auto' }, item.subject || t('subject.none')),
        h('span', { class: 'row-sub' }, t('list.until', { date: showDate(item.expires, false) })),
      ),
      h(
        'span',
        { class: 'row-end' },
        h('time', {}, showShortDate(item.date)),
        item.attachments.length > 0 &&
          h(
            'span',
            { class: 'clips' },
            icon('clip'),
            h('span', { class: 'aloud' }, t('list.attachments')),
            ` ${item.attachments.length}`,
          ),
      ),
    ),
  );
}

async function load(folder, before) {
  const query = before ? `&before=${encodeURIComponent(before)}` : '';
  const { messages, more } = await get(`/p/v1/messages?folder=${folder}${query}`);
  // The folder is the one that was asked for: what the server labels otherwise is judged by its own rules.
  const items = await app.vault.call('openItems', {
    items: messages.map((m) => ({ ...m, folder })),
  });
  for (const item of items) if (!item.refused) app.items.set(item.id, item);
  return { items, more };
}

const places = new Map(); // folder → {items, more}: how far down it was read; forgotten with the lock

/** What was loaded further down before is still there: who comes back from a message finds the place again. */
function joined(folder, { items, more }) {
  const before = places.get(folder);
  const at = more ? before?.items.findIndex(({ id }) => id === items.at(-1).id) : -1;
  const place =
    at >= 0 ? { items: [...items, ...before.items.slice(at + 1)], more: before.more } : { items, more };
  places.set(folder, place);
  return place;
}

function moreButton(folder, list, place) {
  const failed = h('p', { class: 'field-error', id: 'list-more-error', role: 'alert' });
  const node = button('list-more', t('list.more'), async () => {
    node.disabled = true;
    failed.textContent = '';
    try {
      const { items, more } = await guarded(() => load(folder, place.items.at(-1).id));
      Object.assign(place, { items: [...place.items, ...items], more });
      const rows = items.map((item) => row(item, folder));
      list.append(...rows);
      announce(t('list.loaded', { count: items.length }));
      // The button moves down or goes: the focus goes on with the first of the new ones.
      rows[0]?.querySelector('a')?.focus({ preventScroll: true });
      if (!more) node.remove();
    } catch (error) {
      failed.textContent = sentenceFor(error);
    } finally {
      node.disabled = false;
    }
  });
  return [node, failed];
}

/** Back at the row that was opened, not at the top of a long list. */
function returnTo(id) {
  const opened = document.getElementById(`row-${id}`);
  opened?.scrollIntoView({ block: 'center' });
  opened?.focus({ preventScroll: true });
}

function empty(folder) {
  return h(
    'div',
    { class: 'empty', id: 'list-empty' },
    h('img', { src: __LOGO__, alt: '', width: '88', height: '88' }),
    h('p', {}, t(`${folder}.empty`)),
    folder === 'sent' &&
      link('/compose', { class: 'button primary' }, icon('pen'), h('span', {}, t('nav.compose'))),
  );
}

function draftsBox(drafts) {
  if (drafts.length === 0) return null;
  return h(
    'section',
    { class: 'drafts', 'aria-labelledby': 'drafts-head' },
    h('h2', { id: 'drafts-head' }, t('drafts.title')),
    h(
      'ul',
      {},
      drafts.map((draft) =>
        h(
          'li',
          {},
          link(
            `/compose?draft=${draft.id}`,
            { 'data-testid': 'draft-row' },
            own(draft.subject || t('subject.none')),
          ),
          h(
            'span',
            { class: 'soft' },
            ` ${t('drafts.changed', { date: showDate(draft.changed) })}`,
          ),
        ),
      ),
    ),
  );
}

async function render(folder, { from }) {
  const title = t(`nav.${folder}`);
  try {
    const [listed, drafts] = await guarded(() => Promise.all([load(folder, null), listDrafts()]));
    const place = joined(folder, listed);
    const { items, more } = place;
    const list = h(
      'ul',
      { class: 'list', id: `${folder}-list` },
      items.map((item) => row(item, folder)),
    );
    const unread = items.filter((item) => !item.refused && !item.read).length;
    return {
      title,
      node: h(
        'div',
        { class: 'wide' },
        h(
          'div',
          { class: 'head-row' },
          h('h1', {}, title),
          link(
            '/compose',
            { class: 'button primary', id: 'new-message' },
            icon('pen'),
            h('span', {}, t('nav.compose')),
          ),
        ),
        folder === 'inbox' &&
          items.length > 0 &&
          h(
            'p',
            { class: 'soft', id: 'unread' },
            t('inbox.unread', { count: unread }),
          ),
        draftsBox(drafts),
        items.length > 0 ? list : empty(folder),
        more && moreButton(folder, list, place),
      ),
      mounted() {
        if (from.page?.name === 'message') returnTo(from.parts[0]);
        if (folder === 'inbox') openAhead(items);
      },
    };
  } catch (error) {
    return failedView(title, error, 'list-error');
  }
}

export const inboxPage = {
  name: 'inbox',
  match: /^\/inbox$/,
  needsLogin: true,
  render: (context) => render('inbox', context),
  beforeLock: () => places.clear(),
};
export const sentPage = {
  name: 'sent',
  match: /^\/sent$/,
  needsLogin: true,
  render: (context) => render('sent', context),
};

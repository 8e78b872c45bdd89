// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, loadPackage } from './load.mjs';

const { buildEntity, encodeWords, mailDate, mailbox, nameParameter, quotedPrintable } =
  await load('lib/mime.mjs');
const { utf8 } = await load('lib/bytes.mjs');
const { default: PostalMime } = await loadPackage('postal-mime/dist/esm/postal-mime.js');

const mail = {
  from: { name: '', address: 'kunde@example.org' },
  to: [{ name: 'Erika "Eri" Müster', address: 'erika@office.example' }],
  subject: 'Schaden am Dach – Fotos, ganz viele Wörter und noch mehr davon, damit gefaltet wird',
  date: 1764000000,
  messageId: '<a@portal.example>',
  inReplyTo: '<b@office.example>',
  references: ['<c@office.example>', '<b@office.example>'],
  text: 'Guten Tag,\nhier = die Fotos. \n.\nFrom me\nGrüße\n',
  attachments: [],
};
const asText = (bytes) => new TextDecoder().decode(bytes);
const build = (over = {}) => buildEntity({ ...mail, ...over }, '=_test');

test('another program reads back subject, people, ids, text and attachments', async () => {
  const content = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 0xff);
  const parsed = await PostalMime.parse(
    build({
      attachments: [{ name: 'Foto Übersicht (1) – Dach.jpg', type: 'image/jpeg', bytes: content }],
    }),
  );
  assert.equal(parsed.subject, mail.subject);
  assert.equal(parsed.from.address, 'kunde@example.org');
  assert.equal(parsed.to[0].name, 'Erika "Eri" Müster');
  assert.equal(parsed.to[0].address, 'erika@office.example');
  assert.equal(parsed.messageId, '<a@portal.example>');
  assert.equal(parsed.inReplyTo, '<b@office.example>');
  assert.match(parsed.references, /<c@office.example>\s+<b@office.example>/);
  assert.equal(new Date(parsed.date).getTime(), 1764000000000);
  assert.equal(parsed.text.trimEnd(), mail.text.trimEnd());
  assert.equal(parsed.attachments[0].filename, 'Foto Übersicht (1) – Dach.jpg');
  assert.deepEqual(new Uint8Array(parsed.attachments[0].content), content);
});

test('the root is multipart/mixed with both marks of header protection, and tells what is outside', () => {
  const text = asText(build());
  assert.match(
    text,
    /Content-Type: multipart\/mixed; boundary="=_test";\r\n protected-headers="v1"; hp="cipher"\r\n/,
  );
  assert.match(text, /HP-Outer: Subject: \[\.\.\.\]\r\n/);
  assert.match(text, /HP-Outer: Message-ID: <a@portal.example>\r\n/);
  assert.match(text, /HP-Outer: In-Reply-To: <b@office.example>\r\n/);
});

test('every line ends in CRLF and is short enough for SMTP', () => {
  const entity = build({
    text: 'x'.repeat(5000),
    attachments: [{ name: 'a'.repeat(140), type: '', bytes: new Uint8Array(500) }],
  });
  const text = asText(entity);
  assert.doesNotMatch(text.replaceAll('\r\n', ''), /[\r\n]/);
  for (const line of text.split('\r\n')) assert.ok(line.length <= 200 && utf8(line).length <= 998);
  for (const line of quotedPrintable('ü'.repeat(100)).split('\r\n')) assert.ok(line.length <= 76);
});

test('no header field gets in through subject, name or file name', async () => {
  const entity = build({
    subject: 'x\r\nBcc: evil@example.org',
    to: [{ name: 'y\r\nX-Evil: 1', address: 'erika@office.example' }],
    attachments: [
      { name: 'a\r\nX-Evil: 2.txt', type: 'text/plain\r\nX-Evil: 3', bytes: new Uint8Array(1) },
    ],
  });
  assert.doesNotMatch(asText(entity), /^(Bcc|X-Evil):/m);
  const parsed = await PostalMime.parse(entity);
  assert.equal(parsed.subject, 'x Bcc: evil@example.org');
  assert.equal(parsed.to[0].name, 'y X-Evil: 1');
  assert.throws(() => mailbox({ name: '', address: 'a@b.example>\r\nBcc: c@d.example' }));
});

test('an attachment cannot pass for a part of the structure', () => {
  const text = asText(
    build({
      attachments: [
        { name: 'a.eml', type: 'message/rfc822', bytes: utf8('x') },
        { name: 'b', type: 'multipart/mixed', bytes: utf8('y') },
      ],
    }),
  );
  assert.equal(text.match(/Content-Type: application\/octet-stream/g).length, 2);
});

test('long words are split between characters, never inside one', () => {
  const folded = encodeWords('ä€😀'.repeat(40));
  const words = folded.split('\r\n ');
  assert.ok(words.length > 3);
  assert.equal(
    words
      .map((w) => Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(w)[1], 'base64').toString('utf8'))
      .join(''),
    'ä€😀'.repeat(40),
  );
  for (const word of words) assert.ok(word.length <= 75);
  assert.match(encodeWords('=?UTF-8?B?QQ==?='), /^=\?UTF-8\?B\?PT9/);
});

test('dates and names of files are spelled as the standards say', () => {
  assert.equal(mailDate(1764000000), 'Mon, 24 Nov 2025 16:00:00 +0000');
  assert.equal(nameParameter('filename', 'a b.pdf'), ';\r\n filename="a b.pdf"');
  assert.equal(nameParameter('filename', 'ü.pdf'), ";\r\n filename*0*=UTF-8''%C3%BC.pdf");
});

// SPDX-License-Identifier: GPL-3.0-or-later
//
// Builds the MIME entity of a reply. It is made only to be encrypted, so it carries the real header
// fields inside (RFC 9788, and "protected-headers" for the clients before it); the root is always
// multipart/mixed, the only place where Evolution 3.46 looks for them. Reads no MIME: postal-mime does.

import { base64, concat, hex, utf8 } from './bytes.mjs';
import { safeFileName } from './text.mjs';

const CRLF = '\r\n';
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n) => String(n).padStart(2, '0');

/** RFC 5322 date in UTC; `seconds` since 1970 */
export function mailDate(seconds) {
  const d = new Date(seconds * 1000);
  return (
    `${DAYS[d.getUTCDay()]}, ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()} ` +
    `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`
  );
}

/** RFC 2047 encoded words of at most 75 characters, never splitting a character; ASCII stays as it is. */
export function encodeWords(text) {
  // No line break survives, so no header field can be injected through a subject or a name.
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (/^[\x20-\x7e]*$/.test(line) && line.length <= 60 && !line.includes('=?')) return line;
  const words = [];
  let part = '';
  for (const character of line) {
    if (utf8(part + character).length > 42) {
      words.push(part);
      part = '';
    }
    part += character;
  }
  words.push(part);
  return words.map((word) => `=?UTF-8?B?${base64(utf8(word))}?=`).join(`${CRLF} `);
}

/** One mailbox: display name and address; the address must be canonical. */
export function mailbox({ name, address }) {
  if (/[\s<>\p{Cc}]/u.test(address)) throw new Error('not an address');
  if (!name) return `<${address}>`;
  const safe = name.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (/^[\x20-\x7e]{1,60}$/.test(safe) && !safe.includes('=?'))
    return `"${safe.replace(/[\\"]/g, '\\$&')}" <${address}>`;
  return `${encodeWords(safe)}${CRLF} <${address}>`;
}

/** RFC 2231 parameter, one continuation per 60 bytes of output; plain where the name is plain. */
export function nameParameter(attribute, name) {
  if (/^[A-Za-z0-9 ._+-]{1,60}$/.test(name)) return `;${CRLF} ${attribute}="${name}"`;
  const encoded = Array.from(utf8(name), (b) =>
    /[A-Za-z0-9._-]/.test(String.fromCharCode(b))
      ? String.fromCharCode(b)
      : `%${hex([b]).toUpperCase()}`,
  );
  const lines = [''];
  for (const piece of encoded) {
    if (lines.at(-1).length + piece.length > 55) lines.push('');
    lines[lines.length - 1] += piece;
  }
  return lines
    .map((line, i) => `;${CRLF} ${attribute}*${i}*=${i === 0 ? "UTF-8''" : ''}${line}`)
    .join('');
}

function foldBase64(bytes) {
  const text = base64(bytes);
  const lines = [];
  for (let at = 0; at < text.length; at += 76) lines.push(text.slice(at, at + 76));
  return lines.join(CRLF) + CRLF;
}

/** RFC 2045 quoted-printable of UTF-8 text; every line end becomes CRLF. */
export function quotedPrintable(text) {
  const out = [];
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    let current = '';
    const bytes = utf8(line);
    bytes.forEach((b, i) => {
      const last = i === bytes.length - 1;
      const plain = (b >= 33 && b <= 126 && b !== 61) || ((b === 32 || b === 9) && !last);
      const piece = plain ? String.fromCharCode(b) : `=${hex([b]).toUpperCase()}`;
      if (current.length + piece.length > 75) {
        out.push(`${current}=`);
        current = '';
      }
      current += piece;
    });
    out.push(current);
  }
  return out.join(CRLF);
}

function contentType(type) {
  // Only a plain type/subtype: parameters and line breaks of a hostile file name source have no way in.
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}$/i.test(type ?? '') &&
    !/^(multipart|message)\//i.test(type)
    ? type.toLowerCase()
    : 'application/octet-stream';
}

export function attachmentPart(file) {
  const name = safeFileName(file.name);
  const head =
    `Content-Type: ${contentType(file.type)}${nameParameter('name', name)}${CRLF}` +
    `Content-Disposition: attachment${nameParameter('filename', name)}${CRLF}` +
    `Content-Transfer-Encoding: base64${CRLF}${CRLF}`;
  return utf8(head + foldBase64(file.bytes));
}

/** References are folded one to a line: they may be many, and a line may hold 998 characters. */
export function idList(ids) {
  return ids.join(`${CRLF} `);
}

/**
 * The entity of a reply or new message.
 * @param {{from, to: object[], subject: string, date: number, messageId: string, inReplyTo: string|null,
 *   references: string[], text: string, attachments: Array<{name, type, bytes: Uint8Array}>}} mail
 * @returns {Uint8Array} with CRLF line ends
 */
export function buildEntity(
  mail,
  boundary = `=_sgp_${hex(crypto.getRandomValues(new Uint8Array(18)))}`,
) {
  const outside = [['Message-ID', mail.messageId]];
  if (mail.inReplyTo) outside.push(['In-Reply-To', mail.inReplyTo]);
  if (mail.references.length > 0) outside.push(['References', idList(mail.references)]);
  const fields = [
    ['From', mailbox(mail.from)],
    ['To', mail.to.map(mailbox).join(`,${CRLF} `)],
    ['Subject', encodeWords(mail.subject)],
    ['Date', mailDate(mail.date)],
    ...outside,
    // HP-Outer repeats what the portal writes outside: the subject is the only field that differs and is known here.
    ['HP-Outer', 'Subject: [...]'],
    ...outside.map(([name, value]) => ['HP-Outer', `${name}: ${value}`]),
    ['MIME-Version', '1.0'],
    [
      'Content-Type',
      `multipart/mixed; boundary="${boundary}";${CRLF} protected-headers="v1"; hp="cipher"`,
    ],
  ];
  const head = fields.map(([name, value]) => `${name}: ${value}${CRLF}`).join('');
  const text =
    `--${boundary}${CRLF}Content-Type: text/plain; charset=utf-8${CRLF}` +
    `Content-Transfer-Encoding: quoted-printable${CRLF}${CRLF}${quotedPrintable(mail.text)}${CRLF}`;
  const parts = mail.attachments.map((file) =>
    concat(utf8(`--${boundary}${CRLF}`), attachmentPart(file)),
  );
  return concat(utf8(`${head}${CRLF}${text}`), ...parts, utf8(`--${boundary}--${CRLF}`));
}

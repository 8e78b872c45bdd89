// SPDX-License-Identifier: GPL-3.0-or-later
//
// A received message as a mail file (RFC 5322), for the export: what the manifest says, the texts, the
// attachments. Names in one header line who signed; the signature itself stays at the portal, so the file
// proves nothing to others and does not pretend to.

import { concat, hex, utf8 } from './bytes.mjs';
import {
  attachmentPart,
  encodeWords,
  idList,
  mailbox,
  mailDate,
  quotedPrintable,
} from './mime.mjs';

const CRLF = '\r\n';

/** An address that is none must not end the whole export: it becomes a name. */
function person({ name, address }) {
  return /[\s<>\p{Cc}]/u.test(address) || !address.includes('@')
    ? mailbox({ name: `${name} ${address}`.trim() || '?', address: 'unknown@invalid' })
    : mailbox({ name, address });
}

function people(list) {
  return list.length > 0 ? list.map(person).join(`,${CRLF} `) : 'undisclosed-recipients:;';
}

function textPart(type, text) {
  return (
    `Content-Type: text/${type}; charset=utf-8${CRLF}` +
    `Content-Transfer-Encoding: quoted-printable${CRLF}${CRLF}${quotedPrintable(text)}${CRLF}`
  );
}

function body(mail, mark) {
  if (mail.html === null) return textPart('plain', mail.text);
  const parts = [textPart('plain', mail.text), textPart('html', mail.html)];
  return (
    `Content-Type: multipart/alternative; boundary="${mark}"${CRLF}${CRLF}` +
    `${parts.map((part) => `--${mark}${CRLF}${part}`).join('')}--${mark}--${CRLF}`
  );
}

/**
 * @param {{from, to: object[], cc: object[], subject: string, date: number, messageId: string|null,
 *   inReplyTo: string|null, references: string[], text: string, html: string|null,
 *   attachments: Array<{name, type, bytes: Uint8Array}>, signer: string}} mail `signer`: a fingerprint
 * @returns {Uint8Array} with CRLF line ends
 */
export function buildEml(mail, mark = hex(crypto.getRandomValues(new Uint8Array(18)))) {
  const outer = `=_sgp_${mark}`;
  const fields = [
    ['From', person(mail.from)],
    ['To', people(mail.to)],
    mail.cc.length > 0 && ['Cc', people(mail.cc)],
    ['Subject', encodeWords(mail.subject)],
    ['Date', mailDate(mail.date)],
    mail.messageId && ['Message-ID', mail.messageId],
    mail.inReplyTo && ['In-Reply-To', mail.inReplyTo],
    mail.references.length > 0 && ['References', idList(mail.references)],
    ['X-Siegelpost-Signed-By', mail.signer],
    ['MIME-Version', '1.0'],
    ['Content-Type', `multipart/mixed; boundary="${outer}"`],
  ].filter(Boolean);
  const head = fields.map(([name, value]) => `${name}: ${value}${CRLF}`).join('');
  const parts = mail.attachments.map((file) =>
    concat(utf8(`--${outer}${CRLF}`), attachmentPart(file)),
  );
  return concat(
    utf8(`${head}${CRLF}--${outer}${CRLF}${body(mail, `=_alt_${mark}`)}`),
    ...parts,
    utf8(`--${outer}--${CRLF}`),
  );
}

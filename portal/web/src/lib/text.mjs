// SPDX-License-Identifier: GPL-3.0-or-later
//
// Text from people and from the other side: addresses, passwords, answers, names to show, names of files.
// Owns the rules by which two spellings are the same, and the hygiene of whatever is shown or saved.

/**
 * The canonical addr-spec of PROTOCOL.md: NFC, lower case, domain in A-labels.
 * @returns {string|null} null where this is no address
 */
export function canonicalAddress(text) {
  const trimmed = text.trim().normalize('NFC');
  const at = trimmed.lastIndexOf('@');
  if (at < 1 || /[\s<>",;:()[\]\\]/.test(trimmed)) return null;
  const domain = trimmed.slice(at + 1);
  if (!domain.includes('.') || /[/?#@%]/.test(domain)) return null;
  try {
    const host = new URL(`http://${domain}`).hostname;
    return host ? `${trimmed.slice(0, at).toLowerCase()}@${host}` : null;
  } catch {
    return null;
  }
}

/** Passwords: NFC and nothing else, so that what was typed is what counts. */
export function canonicalPassword(text) {
  return text.normalize('NFC');
}

/** Security answers: "Müller-Straße 4" and "mueller strasse 4" are the same answer. */
export function canonicalAnswer(text) {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

// Control characters and those that turn the direction of writing round: "fdp.exe" must not look like "exe.pdf".
const INVISIBLE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** One line fit to be shown: no control, no direction overrides, not endless. */
export function cleanLine(text, max = 300) {
  const line = String(text ?? '')
    .replace(/[\t\r\n]+/g, ' ')
    .replace(INVISIBLE, '')
    .trim();
  return Array.from(line).slice(0, max).join('');
}

const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;

/** A file name that stays in the folder where the customer saves it, on every system. */
export function safeFileName(name, fallback = 'attachment') {
  let clean = cleanLine(name, 2000)
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  if (RESERVED.test(clean)) clean = `_${clean}`;
  if (!clean) return fallback;
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 && clean.length - dot <= 12 ? clean.slice(dot) : '';
  const stem = Array.from(extension ? clean.slice(0, dot) : clean);
  const bytes = (s) => new TextEncoder().encode(s).length;
  while (bytes(stem.join('') + extension) > 150) stem.pop();
  return stem.join('') + extension;
}

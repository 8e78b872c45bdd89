// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who may write to this mailbox. The office key is compared with the fingerprint that came inside the
// code wrap (which the server could not make), and the roster with the office key: the server's word
// counts for nothing (tests: "a swapped office key", "a forged roster", "an older roster").

import { fromUtf8, unb64u } from './bytes.mjs';
import { detachedIsGood, fingerprint, readPublic } from './pgp.mjs';
import { canonicalAddress, cleanLine } from './text.mjs';
import { Refusal } from './refusal.mjs';

async function readMember(entry) {
  const key = await readPublic(entry.key);
  if (fingerprint(key) !== String(entry.fingerprint).toLowerCase())
    throw new Error('fingerprint of another key');
  const address = canonicalAddress(entry.address);
  if (!address) throw new Error('no address');
  return {
    address,
    name: cleanLine(entry.name, 100) || address,
    fingerprint: fingerprint(key),
    key,
  };
}

/**
 * Checks office key and roster against the pinned fingerprint.
 * @param {{pinned: string, portal: string, officeKey: string, roster: object, seen: object}} given
 *   `seen`: {office fingerprint: highest roster version this browser has seen}
 * @returns {Promise<{version, office: openpgp.Key, staff: Array<{address, name, fingerprint, key}>, former: Array}>}
 *   `former`, of the same shape: colleagues who left. What they signed opens; nothing is sealed to them.
 * @throws {Refusal} wrong-office-key, roster-forged, roster-old
 */
export async function openRoster({ pinned, portal, officeKey, roster, seen }) {
  let office;
  try {
    office = await readPublic(officeKey);
  } catch (cause) {
    throw new Refusal('wrong-office-key', cause);
  }
  if (fingerprint(office) !== String(pinned).toLowerCase()) throw new Refusal('wrong-office-key');
  let content;
  try {
    const bytes = unb64u(roster.roster);
    if (!(await detachedIsGood(bytes, roster.signature, office)))
      throw new Error('not signed by the office');
    content = JSON.parse(fromUtf8(bytes));
    if (
      content.v !== 1 ||
      content.portal !== portal ||
      String(content.office).toLowerCase() !== fingerprint(office)
    )
      throw new Error('the roster of another office or portal');
    if (
      !Number.isSafeInteger(content.version) ||
      content.version < 1 ||
      content.version !== roster.version
    )
      throw new Error('version');
    content.staff = await Promise.all(content.staff.map(readMember));
    content.former = await Promise.all((content.former ?? []).map(readMember));
  } catch (cause) {
    throw new Refusal('roster-forged', cause);
  }
  // A server that kept an old roster could bring back the key of somebody who has left.
  if (content.version < (Number(seen?.[fingerprint(office)]) || 0)) throw new Refusal('roster-old');
  return { version: content.version, office, staff: content.staff, former: content.former };
}

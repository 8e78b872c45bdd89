#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains content.weights from content/*.tsv, or says how good it would be (--check).

A line of the data: general or protected, tab, de or en, tab, subject, tab, text; a new line in the
text is written \\n. --check leaves out one writer after the other (files writer-*.tsv) and reads
that writer's mails with what the others taught. sgp-content-model.c reads a mail as read_mail() does.
"""
import glob
import os
import re
import sys

import numpy

import textmodel

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ['general', 'health', 'personal-insurance', 'secrecy-203']
PENALTY, STEPS, KEEP = 2e-5, 150, 34000
# Nobody wrote down which class protected a mail: the kinds of its words say it for learning.
KINDS_OF = [set(), set('ILLNESS SYMPTOM TREAT MEDDOC SICKLEAVE PSYCH PREGNANT DISABLED CARE DOCTOR HOSPITAL BODY '
                       'RECOVERY'.split()),
            set('LIFE PENSION DISABILITYINS ACCIDENTINS HEALTHINS UNDERWRITING DEATH'.split()), {'SECRECY'}]
SENTENCE_WEIGHT = 0.3  # of each sentence of a general mail
RAISES = -0.5  # SGP_CONTENT_MODEL_RAISES
SHORTEST = 12          # bytes of a sentence that is read alone
WHOLE, ALONE = 0.6, 1.5
UNTOLD, HINTED = 2.0, 1.0  # what is taken off if no word tells, or only such as have other meanings
N_STRONG = 21     # kinds of words that mean one thing come first in content-classes.tsv
N_TELLING = 27    # with those that have other meanings, which follow; "FAMILY" is the next


def load(path):
    items = []
    with open(path, encoding='utf-8') as file:
        for line in file:
            fields = line.rstrip('\n').split('\t')
            if line.startswith('#') or len(fields) != 4:
                continue
            text = (fields[2] + '. ' if fields[2] else '') + fields[3].replace('\\n', '\n')
            items.append((0 if fields[0] == 'general' else 1, text))
    return items


def sentences(text):
    parts = [part.strip() for part in re.split(r'(?<=[.!?])\s+|\n+', text)]
    return [part for part in parts if len(part.encode()) >= SHORTEST] or [text]


class Reader:
    def __init__(self, classes):
        self.classes, self.cache = classes, {}

    def features(self, text):
        if text not in self.cache:
            self.cache[text] = textmodel.row(text, self.classes)
        return self.cache[text]


def guess_class(text, classes):
    kinds = [classes.names[kind] for kind in map(classes.of, textmodel.tokens(text)) if kind >= 0]
    counts = [sum(kind in of for kind in kinds) for of in KINDS_OF]
    counts[3] *= 2  # one such word tells more than a doctor beside it
    counts[1] += 0.5 if not any(counts) else 0
    return max(1, counts.index(max(counts)))


def train(items, reader):
    rows, targets, weights = [], [], []
    for label, text in items:
        rows.append(reader.features(text))
        targets.append(guess_class(text, reader.classes) if label else 0)
        weights.append(1.0)
        parts = sentences(text)
        if label == 0 and len(parts) > 1:
            for part in parts:
                rows.append(reader.features(part))
                targets.append(0)
                weights.append(SENTENCE_WEIGHT)
    wanted = numpy.eye(len(LABELS))[targets]
    hashes = textmodel.select(rows, 2)
    for step in range(2):
        matrix = textmodel.Matrix(rows, hashes)
        found, bias = textmodel.fit(matrix, len(hashes), wanted, numpy.array(weights), PENALTY, STEPS)
        if step == 1 or len(hashes) <= KEEP:
            break
        strength = numpy.abs(found).max(axis=1)
        order = sorted(range(len(hashes)), key=lambda i: (-strength[i], hashes[i]))[:KEEP]
        hashes = sorted(hashes[i] for i in order)
    return textmodel.Model(LABELS, reader.classes, hashes, found, bias)


def read_mail(model, reader, text):
    """How much likelier protected is, as a logarithm."""
    logits = model.logits_of_rows([reader.features(part) for part in [text] + sentences(text)])
    odds = numpy.logaddexp.reduce(logits[:, 1:], axis=1) - logits[:, 0]
    strongest = odds[1:].max()
    kinds = [kind for kind in map(reader.classes.of, textmodel.tokens(text)) if 0 <= kind < N_TELLING]
    doubt = UNTOLD if not kinds else HINTED if min(kinds) >= N_STRONG else 0
    return max(WHOLE * odds[0] + (1 - WHOLE) * strongest, strongest - ALONE) - doubt


def writers(groups):
    """The files of a writer, by the writer: writer-1.tsv and writer-1b.tsv are one hand's."""
    of = {}
    for name in groups:
        found = re.match(r'writer-\d+', name)
        if found:
            of.setdefault(found.group(), []).append(name)
    return of


def check(groups, reader):
    """Trains without a writer and reads what that writer wrote, for each writer in turn."""
    read = []
    for writer, names in writers(groups).items():
        model = train([one for name in groups if name not in names for one in groups[name]], reader)
        mine = [(label, read_mail(model, reader, text)) for name in names for label, text in groups[name]]
        report(writer, mine)
        read += mine
    report('all', read)
    print('| limit | protected, found | general, taken for it |\n|---|---|---|')
    for limit in (-1.5, -1.25, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5):
        print('| %.2f | %.1f%% | %.1f%% |' % (limit, *shares(read, limit)))


def shares(read, limit):
    return [100 * numpy.mean([odds >= limit for label, odds in read if label == wanted]) for wanted in (1, 0)]


def report(name, read):
    print('%s: %d mails, found %.1f%%, false %.1f%%' % (name, len(read), *shares(read, RAISES)), flush=True)


def main():
    reader = Reader(textmodel.Classes(os.path.join(HERE, 'content-classes.tsv')))
    assert reader.classes.names.index('FAMILY') == N_TELLING
    files = sorted(glob.glob(os.path.join(HERE, 'content', '*.tsv')))
    groups = {os.path.basename(path): load(path) for path in files}
    if '--check' in sys.argv:
        check(groups, reader)
        return
    model = train([item for name in groups for item in groups[name]], reader)
    digest = textmodel.digest(files + [os.path.join(HERE, 'content-classes.tsv')])
    held = model.write(os.path.join(HERE, 'content.weights'), KEEP, digest)
    print(sum(map(len, groups.values())), 'mails,', len(held.hashes), 'features')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains opt-out.weights from opt-out/*.tsv, or says how good it would be (--check), or trains without
a file (--without NAME TO), so that the whole program can be tried on it. See README.md.

A line of the data: label, tab, de or en, tab, text; a new line in the text is written \\n. Labels as
in sgp-opt-out-scan.h; "objection" is "opted-out", and "unclear" is learnt as one.
"""
import glob
import os
import re
import sys

import numpy

import textmodel

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ['none', 'opted-out', 'asks-for-e-mail', 'encrypted-only']
SAME = {'objection': 'opted-out', 'unclear': 'opted-out'}
PENALTY, STEPS, ROUNDS, KEEP = 1e-5, 80, 3, 30000
# What the policy names, and what stands in every mail, must be read as it is meant.
NAMED, NAMED_WEIGHT = ('named.tsv', 'usual.tsv', 'opt-out-sentences.tsv'), 4.0
PERHAPS = 0.45  # of sgp-opt-out-scan.c
MEANT = ['objection', 'unclear', 'none', 'asks-for-e-mail', 'encrypted-only']
OTHERS_WEIGHT = 0.5  # of a mail's sentences, each against a sentence that stands alone


def data_files():
    sentences = os.path.join(HERE, '..', '..', '..', 'tests', 'unit', 'opt-out-sentences.tsv')
    return sorted(glob.glob(os.path.join(HERE, 'opt-out', '*.tsv'))) + [sentences]


def load(path):
    items = []
    with open(path, encoding='utf-8') as file:
        for line in file:
            fields = line.rstrip('\n').split('\t')
            if line.startswith('#') or len(fields) < 2:
                continue
            label = SAME.get(fields[0], fields[0])
            items.append((LABELS.index(label), fields[-1].replace('\\n', '\n'), fields[0],
                          fields[1] if len(fields) > 2 else '',
                          NAMED_WEIGHT if os.path.basename(path) in NAMED else 1.0))
    return items


def sentences(text):
    parts = re.split(r'(?<=[.!?])\s+|\n+', text)
    return [part.strip() for part in parts if re.search(r'\w', part)]


class Reader:
    """Features of sentences, kept: training asks for the same ones again and again."""

    def __init__(self, classes):
        self.classes, self.cache = classes, {}

    def features(self, text):
        if text not in self.cache:
            self.cache[text] = textmodel.features(text, self.classes)
        return self.cache[text]

    def units(self, text):
        """Each sentence, each two neighbours, and all of it."""
        parts = sentences(text)
        pairs = [parts[i] + ' ' + parts[i + 1] for i in range(len(parts) - 1)]
        return parts, pairs, [' '.join(parts)] if len(parts) > 2 else []


class Rows:
    """What is learnt from: sentences, pairs and whole mails. Which sentence of a mail its label
    is for, nobody wrote down: each round takes the one that the round before found strongest."""

    def __init__(self, items, reader):
        self.features, self.mails, self.of_mails, factors = [], [], [], []
        for label, text, _, _, factor in items:
            parts, pairs, whole = reader.units(text)
            at = len(self.features)
            units = [reader.features(unit) for unit in parts + pairs + whole]
            self.features += units
            self.of_mails.append(set().union(*units))
            factors += [factor] * len(units)
            self.mails.append((label, at, len(parts), len(pairs), len(whole)))
        self.targets = numpy.zeros((len(self.features), len(LABELS)))
        self.weights = numpy.ones(len(self.features))
        self.factors = numpy.array(factors)

    def set(self, row, label, weight):
        self.targets[row] = 0
        self.targets[row, label] = 1
        self.weights[row] = weight

    def assign(self, found):
        for label, at, n, n_pairs, n_whole in self.mails:
            if n_whole:
                self.set(at + n + n_pairs, label, 1.0)
            if n == 1:
                self.set(at, label, 1.0)
            elif label == 0:
                for row in range(at, at + n + n_pairs):
                    self.set(row, 0, OTHERS_WEIGHT)
            elif found is None:
                for row in range(at, at + n + n_pairs):
                    self.set(row, 0, 0.0)
            else:
                self.assign_mail(label, at, n, n_pairs, found)

    def assign_mail(self, label, at, n, n_pairs, found):
        best = int(numpy.argmax(found[at:at + n, label]))
        for i in range(n):
            likely = found[at + i, label]
            if i == best or likely > 0.6:
                self.set(at + i, label, 1.0)
            else:
                self.set(at + i, 0, 0.0 if likely > 0.25 else OTHERS_WEIGHT)
        for i in range(n_pairs):
            row = at + n + i
            if i == best or i + 1 == best:
                self.set(row, label, 0.7)
            else:
                self.set(row, 0, 0.0 if found[row, label] > 0.25 else OTHERS_WEIGHT)


def train(items, reader, keep=0):
    """keep: learn once more with the strongest features only, as the file will hold them; 0: all."""
    rows = Rows(items, reader)
    hashes = textmodel.select(rows.of_mails, 2)
    found, weights, bias = None, None, None
    for step in range(ROUNDS + (1 if keep else 0)):
        if step == 0 or step == ROUNDS:
            if step == ROUNDS:
                strength = numpy.abs(weights - weights.mean(axis=1, keepdims=True)).max(axis=1)
                order = sorted(range(len(hashes)), key=lambda i: (-strength[i], hashes[i]))[:keep]
                hashes = sorted(hashes[i] for i in order)
            index = {h: i for i, h in enumerate(hashes)}
            matrix = textmodel.Matrix(rows.features, index)
        rows.assign(found)
        weights, bias = textmodel.fit(matrix, len(hashes), rows.targets, rows.weights * rows.factors, PENALTY,
                                      STEPS)
        found = textmodel.softmax(matrix.dot(weights) + bias)
    return textmodel.Model(LABELS, reader.classes, hashes, weights, bias)


def read_mail(model, reader, text):
    """The strongest sentence, the strongest pair, and all of it: the mean of the three."""
    parts, pairs, whole = reader.units(text)
    found = textmodel.softmax(model.logits_of_rows([reader.features(u) for u in parts + pairs + whole]))
    n, n_pairs = len(parts), len(pairs)
    best = found[:n].max(axis=0)
    of_pairs = found[n:n + n_pairs].max(axis=0) if n_pairs else best
    of_whole = found[-1] if whole else of_pairs
    return (best + of_pairs + of_whole) / 3


def writers(groups):
    """The files of a writer, by the writer: writer-1.tsv and writer-1b.tsv are one hand's."""
    of = {}
    for name in groups:
        found = re.match(r'writer-\d+', name)
        if found:
            of.setdefault(found.group(), []).append(name)
    return of


def stops(found, limit):
    """As sgp-opt-out-scan.c decides without its grammar and for one sentence."""
    return found[1] >= limit and found[1] >= max(found[2], found[3])


def share(rows, limit):
    if not rows:
        return '     -'
    return '%5.1f%%' % (100 * numpy.mean([stops(found, limit) for _, found in rows]))


def check(groups, reader):
    """Trains without a writer and reads what that writer wrote, for each writer in turn."""
    read = []
    for writer, names in writers(groups).items():
        model = train([item for name in groups if name not in names for item in groups[name]], reader)
        mine = [(item, read_mail(model, reader, item[1])) for name in names for item in groups[name]]
        print(writer, 'objections', share([row for row in mine if row[0][2] == 'objection'], PERHAPS),
              'none', share([row for row in mine if row[0][2] == 'none'], PERHAPS), flush=True)
        read += mine
    print('| meant | texts | stops | of these de / en |\n|---|---|---|---|')
    for label in MEANT:
        rows = [row for row in read if row[0][2] == label]
        print('| %s | %d | %s | %s / %s |' % (label, len(rows), share(rows, PERHAPS), *(
            share([row for row in rows if row[0][3] == language], PERHAPS) for language in ('de', 'en'))))
    print('| limit | objections | whatever is none |\n|---|---|---|')
    for limit in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6):
        print('| %.2f | %s | %s |' % (limit, share([row for row in read if row[0][2] == 'objection'], limit),
              share([row for row in read if row[0][2] not in ('objection', 'unclear')], limit)))


def main():
    os.chdir(HERE)
    files = data_files()
    reader = Reader(textmodel.Classes(os.path.join(HERE, 'opt-out-classes.tsv')))
    groups = {os.path.basename(path): load(path) for path in files}
    if '--check' in sys.argv:
        check(groups, reader)
        return
    if '--without' in sys.argv:
        without, to = sys.argv[sys.argv.index('--without') + 1:][:2]
        items = [item for name in groups for item in groups[name] if not name.startswith(without)]
        train(items, reader, KEEP).write(to, KEEP, bytes(32))
        return
    items = [item for name in groups for item in groups[name]]
    model = train(items, reader, KEEP)
    digest = textmodel.digest(files + [os.path.join(HERE, 'opt-out-classes.tsv')])
    held = model.write(os.path.join(HERE, 'opt-out.weights'), KEEP, digest)
    with open(os.path.join(HERE, '..', '..', '..', 'tests', 'unit', 'text-model-scores.tsv'), 'w', encoding='utf-8') as file:
        file.write('# What train-opt-out.py computes with opt-out.weights, for test-text-model.\n')
        samples = [item[1].split('\n')[0] for item in items[::max(1, len(items) // 60)]] + SAMPLES
        for text, found in zip(samples, textmodel.softmax(held.logits(samples))):
            file.write('\t'.join('%.9f' % p for p in found) + '\t' + text + '\n')
    print(len(items), 'texts,', len(held.hashes), 'features,', os.path.getsize('opt-out.weights'), 'bytes')


SAMPLES = [
    'Grüße aus Österreich: ÄÖÜ äöü ß, Straße 12b, 3.500,00 €!',
    'e\u0301te\u0301 na\u00efve re\u0301sume\u0301 \ufb01ne \u2460 x\u0308',
    'Bitte nicht per E\u2011Mail an max.muster@beispiel.de antworten...',
    '\u0421\u0430ll m\u0435 pl\u0435as\u0435, no e\u200b-\u200bmail',
    "geht\u00b4s auch per Post? l'heure d\u2019été ``quote'' *fett* _kursiv_",
    'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen',
    '1.2.3 a.b c@d.e f.g@h ... ?! :-) --- www.beispiel.de/pfad?x=1',
]

if __name__ == '__main__':
    main()

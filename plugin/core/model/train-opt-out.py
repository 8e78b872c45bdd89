#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains opt-out.weights from opt-out/*.tsv, or says how good it would be (--check), or trains without
a file (--without NAME TO), so that the whole program can be tried on it. See README.md.

A line of the data: label, tab, de or en, tab, text; a new line in the text is written \\n. Labels as
in sgp-opt-out-scan.h; "objection" is "opted-out", and "unclear" is learnt as one.
"""
import collections
import glob
import os
import random
import re
import sys

import numpy

import textmodel

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ['none', 'opted-out', 'asks-for-e-mail', 'encrypted-only']
SAME = {'objection': 'opted-out', 'unclear': 'opted-out'}
PENALTY, STEPS, ROUNDS, RATE, KEEP = 3e-6, 80, 3, 0.5, 30000
# What the policy names, and what stands in every mail, must be read as it is meant.
NAMED, NAMED_WEIGHT = ('named.tsv', 'usual.tsv', 'opt-out-sentences.tsv'), 4.0
PERHAPS, PER_SENTENCE, UNTOLD, CONCEDED = 0.20, 0.10, 0.5, 0.4  # of sgp-opt-out-scan.c
N_TELLING = 28  # kinds of words that speak of ways of answering come first in opt-out-classes.tsv
CONTRASTS, CONTRAST_WEIGHT = 'contrasts.tsv', 0.15  # there are many of each
MEANT = ['objection', 'unclear', 'none', 'asks-for-e-mail', 'encrypted-only']
MADE, MADE_WHOLE, MADE_PAIR = 900, 1.0, 0.3  # German mails that are put together; a third as many English ones
OTHERS_WEIGHT = 0.5  # of a mail's sentences, each against a sentence that stands alone


def data_files():
    sentences = os.path.join(HERE, '..', '..', '..', 'tests', 'unit', 'opt-out-sentences.tsv')
    return sorted(glob.glob(os.path.join(HERE, 'opt-out', '*.tsv'))) + [sentences]


def load(path):
    if os.path.basename(path) == CONTRASTS:
        return load_contrasts(path)
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


def load_contrasts(path):
    """Every sentence of contrasts.tsv with e-mail on either side."""
    ways, items = {'de': [], 'en': []}, []
    with open(path, encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    for fields in lines:
        if fields[0] == 'way':
            ways[fields[1]].append((fields[2], dict(form.split('=', 1) for form in fields[3:])))
    for label, language, text in [fields for fields in lines if fields[0] != 'way']:
        names = [name for name in 'WU' if '{%s.' % name in text]
        for mail in [forms for kind, forms in ways[language] if kind == 'mail']:
            for other in [forms for kind, forms in ways[language] if kind != 'mail']:
                for of in ({'W': mail, 'U': other}, {'W': other, 'U': mail}):
                    meant = meaning_of(label, names, of, mail)
                    said = re.sub(r'\{(.)\.(\w+)\}', lambda slot: of[slot.group(1)][slot.group(2)], text)
                    said = said[0].upper() + said[1:] if text[-1] in '.!?' else said
                    items.append((LABELS.index(meant), said, meant, language, CONTRAST_WEIGHT))
    return sorted(set(items))


def meaning_of(label, names, of, mail):
    if label != 'ways':
        return label
    if 'W' in names:
        return 'asks-for-e-mail' if of['W'] is mail else 'opted-out'
    return 'opted-out' if of['U'] is mail else 'none'


def sentences(text):
    parts = re.split(r'(?<=[.!?])\s+|\n+', text)
    return [part.strip() for part in parts if re.search(r'\w', part)]


Units = collections.namedtuple('Units', 'parts told near pairs whole')  # near: the first of each pair


class Reader:
    """Features of sentences, kept: training asks for the same ones again and again."""

    def __init__(self, classes):
        self.classes, self.cache, self.told = classes, {}, {}

    def features(self, text):
        if text not in self.cache:
            self.cache[text] = textmodel.row(text, self.classes)
        return self.cache[text]

    def tells(self, sentence):
        """Does it speak of ways of answering?"""
        if sentence not in self.told:
            kinds = map(self.classes.of, textmodel.tokens(sentence))
            self.told[sentence] = any(0 <= kind < N_TELLING for kind in kinds)
        return self.told[sentence]

    def units(self, text):
        """Each sentence that tells (which it does, one by one), each two neighbours of which one does,
        and all that do. Where none does, each of them, and all."""
        return self.units_of(sentences(text))

    def units_of(self, parts):
        told = [self.tells(part) for part in parts]
        if not any(told):
            told = [True] * len(parts)
        near = [i for i in range(len(parts) - 1) if told[i] or told[i + 1]]
        kept = [part for part, tells in zip(parts, told) if tells]
        whole = [' '.join(kept)] if len(kept) > 1 and len(parts) > 2 else []
        return Units(parts, told, near, [parts[i] + ' ' + parts[i + 1] for i in near], whole)


class Rows:
    """What is learnt from: sentences, pairs and whole mails. Which sentence of a mail its label
    is for, nobody wrote down: each round takes the one that the round before found strongest."""

    def __init__(self, items, made, reader):
        self.features, self.mails, self.made, self.of_mails, factors = [], [], [], [], []
        for label, text, _, _, factor in items:
            units = reader.units(text)
            rows = [reader.features(unit) for unit in units.parts + units.pairs + units.whole]
            self.mails.append((label, len(self.features), units))
            self.features += rows
            self.of_mails.append(textmodel.union(rows))
            factors += [factor] * len(rows)
        for label, parts, at in made:
            units = reader.units_of(parts)
            pairs = [pair for i, pair in zip(units.near, units.pairs) if not label or i in (at - 1, at)]
            for unit, weight in [(unit, MADE_WHOLE) for unit in units.whole] + [(unit, MADE_PAIR) for unit in pairs]:
                self.made.append((len(self.features), label, weight))
                self.features.append(reader.features(unit))
                factors.append(1.0)
        self.targets = numpy.zeros((len(self.features), len(LABELS)))
        self.weights = numpy.ones(len(self.features))
        self.factors = numpy.array(factors)

    def set(self, row, label, weight):
        self.targets[row] = 0
        self.targets[row, label] = 1
        self.weights[row] = weight

    def assign(self, found):
        for row, label, weight in self.made:
            self.set(row, label, weight)
        for label, at, units in self.mails:
            n, n_pairs = len(units.parts), len(units.pairs)
            if units.whole:
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
                self.assign_mail(label, at, units, found)

    def assign_mail(self, label, at, units, found):
        n = len(units.parts)
        best = int(numpy.argmax(found[at:at + n, label] * units.told))
        for i in range(n):
            likely = found[at + i, label]
            if i == best or likely > 0.6:
                self.set(at + i, label, 1.0)
            else:
                self.set(at + i, 0, 0.0 if likely > 0.25 else OTHERS_WEIGHT)
        for row, i in enumerate(units.near, at + n):
            if best in (i, i + 1):
                self.set(row, label, 0.7)
            else:
                self.set(row, 0, 0.0 if found[row, label] > 0.25 else OTHERS_WEIGHT)


def make_mails(items):
    """Whole mails of 4 to 15 sentences, of those that stand alone: a long mail has more chances to
    sound like something, and nobody writes so many."""
    chance = random.Random(1)
    made = []
    items = [item for item in items if item[4] > CONTRAST_WEIGHT]
    for language in ('de', 'en'):
        of = [item for item in items if item[3] == language]
        usual = [part for item in of if item[0] == 0 for part in sentences(item[1]) if len(part) > 20]
        wanted = [(item[0], sentences(item[1])) for item in of if item[0] != 0 and len(sentences(item[1])) <= 2]
        for i in range(MADE if language == 'de' else MADE // 3):
            parts = chance.sample(usual, chance.randint(4, 13))
            label, at = 0, 0
            if i % 5 < 2:
                label, said = chance.choice(wanted)
                at = chance.randint(0, len(parts))
                parts[at:at] = said
            made.append((label, parts, at))
    return made


def train(items, reader, keep=0):
    """keep: learn once more with the strongest features only, as the file will hold them; 0: all."""
    rows = Rows(items, make_mails(items), reader)
    hashes = textmodel.select(rows.of_mails, 2)
    matrix = textmodel.Matrix(rows.features, hashes)
    found, start = None, None
    for step in range(ROUNDS):
        rows.assign(found)
        start = textmodel.fit(matrix, len(hashes), rows.targets, rows.weights * rows.factors, PENALTY,
                              STEPS if step == 0 else STEPS // 2, RATE if step == 0 else RATE / 2, start)
        found = textmodel.softmax(matrix.dot(start[0]) + start[1])
    if keep:
        strength = numpy.abs(start[0] - start[0].mean(axis=1, keepdims=True)).max(axis=1)
        order = numpy.sort(numpy.lexsort((hashes, -strength))[:keep])
        hashes = [hashes[i] for i in order]
        matrix = textmodel.Matrix(rows.features, hashes)
        rows.assign(found)
        start = textmodel.fit(matrix, len(hashes), rows.targets, rows.weights * rows.factors, PENALTY, STEPS // 2,
                              RATE / 2, (start[0][order], start[1]))
    return textmodel.Model(LABELS, reader.classes, hashes, *start)


def read_mail(model, reader, text):
    """The strongest sentence, the strongest pair, and all of it: the mean of the three; and how many
    sentences there are."""
    units = reader.units(text)
    rows = [reader.features(unit) for unit in units.parts + units.pairs + units.whole]
    found = textmodel.softmax(model.logits_of_rows(rows))
    n = len(units.parts)
    best = (found[:n] * numpy.array(units.told)[:, None]).max(axis=0)
    of_pairs = found[n:n + len(units.pairs)].max(axis=0) if units.pairs else best
    of_whole = found[-1] if units.whole else best if n > 2 else of_pairs
    mean = (best + of_pairs + of_whole) / 3
    if not any(map(reader.tells, units.parts)):
        mean[1] *= UNTOLD
    return mean, n


def writers(groups):
    """The files of a writer, by the writer: writer-1.tsv and writer-1b.tsv are one hand's."""
    of = {}
    for name in groups:
        found = re.match(r'writer-\d+', name)
        if found:
            of.setdefault(found.group(), []).append(name)
    return of


def stops(read, limit):
    """As sgp-opt-out-scan.c decides without its grammar."""
    found, n = read
    return found[1] >= limit + PER_SENTENCE * numpy.log(n) and found[1] >= min(CONCEDED, max(found[2], found[3]))


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
    for limit in (0.2, 0.23, 0.26, 0.3, 0.34, 0.4, 0.5):
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

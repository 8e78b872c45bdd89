# SPDX-License-Identifier: GPL-3.0-or-later
"""The text model: features, training and file format of sgp-text-model.c, which computes the same.

A change here that changes a feature must be made in sgp-text-model.c too; test-text-model compares
the scores of both. Needs Python 3, numpy and scipy; none is needed to build or to run the program.
"""
import hashlib
import struct
import unicodedata

import numpy
import scipy.sparse

MAX_WORDS = 2000
MAX_WORD = 24  # letters of a word that count
MAX_CLASSES = 64
FNV_OFFSET, FNV_PRIME, MASK = 2166136261, 16777619, 0xFFFFFFFF

# What looks like a Latin letter: Cyrillic and Greek, lower case.
HOMOGLYPHS = dict(zip('авеѕіјкмнорстухһԁԛԝαβεικνορτυχγ', 'abesijkmhopctyxhdqwabeiknoptuxy'))
UMLAUTS = {'a': 'ae', 'o': 'oe', 'u': 'ue'}
OTHERS = {'ß': 'ss', 'æ': 'ae', 'œ': 'oe', 'ø': 'oe', 'ı': 'i', 'ł': 'l', 'đ': 'd'}


def fnv(text, start=FNV_OFFSET):
    for byte in text.encode():
        start = ((start ^ byte) * FNV_PRIME) & MASK
    return start


def lower(char):
    small = char.lower()
    return small if len(small) == 1 else char


def tokens(text):
    """Words (letters only; a number is 0; an address @), and the marks , ! ? : . as words."""
    found, word = [], []
    # Decomposed, an acute accent for an apostrophe would be a blank.
    text = unicodedata.normalize('NFKD', text.replace('\u00b4', "'"))
    size = len(text)
    is_address = False

    def end():
        nonlocal is_address
        if word:
            found.append('@' if is_address else ''.join(word)[:MAX_WORD])
        word.clear()
        is_address = False

    for at, raw in enumerate(text):
        if len(found) >= MAX_WORDS:
            break
        kind = unicodedata.category(raw)
        if kind == 'Cf':  # zero width, soft hyphen
            continue
        if kind == 'Mn':
            if raw == '\u0308' and word and word[-1] in UMLAUTS:
                word.append('e')
            continue
        char = lower(raw)
        char = HOMOGLYPHS.get(char, char)
        if char in OTHERS:
            word.extend(OTHERS[char])
        elif kind[0] == 'L':
            word.append(char)
        elif kind == 'Nd':
            if not word or word[-1] != '0':
                word.append('0')
        elif char in "'’‘`*_":
            continue
        elif char == '@' and word:
            is_address = True
        elif char == '.' and word and at + 1 < size and unicodedata.category(text[at + 1])[0] in 'LN':
            if is_address:
                continue
            end()
        elif kind == 'Pd' and char in '-\u2010\u2011' and word and at + 1 < size \
                and unicodedata.category(text[at + 1])[0] == 'L':
            continue
        else:
            end()
            if char in ',!?:.' and len(found) < MAX_WORDS:
                if not found or found[-1] != char:
                    found.append(char)
    end()
    return found[:MAX_WORDS]


class Classes:
    """Words of one kind. A line of the file: name, tab, words; "pre*", "*suf" or the whole word."""

    def __init__(self, path=None):
        self.names, self.table = [], {}
        if path is None:
            return
        with open(path, encoding='utf-8') as file:
            for line in file:
                if line.startswith('#') or not line.strip():
                    continue
                name, words = line.rstrip('\n').split('\t')
                if name not in self.names:
                    self.names.append(name)
                for word in words.split():
                    self.table.setdefault(fnv(word), self.names.index(name))
        assert len(self.names) <= MAX_CLASSES
        self.cache = {}

    def of(self, word):
        """Its number, or -1: the whole word first, then its longest beginning, then its longest end."""
        if word not in self.cache:
            self.cache[word] = self.find(word)
        return self.cache[word]

    def find(self, word):
        data = word.encode()
        forms = [data]
        forms += [data[:n] + b'*' for n in range(len(data), 2, -1)]
        forms += [b'*' + data[len(data) - n:] for n in range(len(data) - 1, 3, -1)]
        for form in forms:
            value = FNV_OFFSET
            for byte in form:
                value = ((value ^ byte) * FNV_PRIME) & MASK
            if value in self.table:
                return self.table[value]
        return -1


def features(text, classes):
    """The set of hashes."""
    words = tokens(text)
    kinds = [classes.of(word) for word in words] if classes.names else [-1] * len(words)
    out = set()
    size = len(words)
    data = [word.encode() for word in words]
    word_hash = [fnv(word) for word in words]
    stem_hash = [fnv_bytes(d[:5]) for d in data]

    def add(letter, *parts):
        value = FNV_OFFSET
        value = ((value ^ ord(letter)) * FNV_PRIME) & MASK
        for part in parts:
            for shift in (0, 8, 16, 24):
                value = ((value ^ ((part >> shift) & 255)) * FNV_PRIME) & MASK
        out.add(value)

    begin, stop = 1, 2
    w = [begin] + word_hash + [stop]
    s = [begin] + stem_hash + [stop]
    c = [MAX_CLASSES + 1] + [k if k >= 0 else MAX_CLASSES for k in kinds] + [MAX_CLASSES + 2]
    last = len(w)
    for i in range(last):
        if 0 < i < last - 1:
            add('1', w[i])
            add('A', c[i])
        if i + 1 < last:
            add('2', w[i], w[i + 1])
            add('q', s[i], s[i + 1])
            add('B', c[i], c[i + 1])
            add('M', w[i], c[i + 1])
            add('N', c[i], w[i + 1])
        if i + 2 < last:
            add('3', w[i], w[i + 1], w[i + 2])
            add('C', c[i], c[i + 1], c[i + 2])
        for gap in (2, 3, 4):
            if i + gap < last:
                if gap < 4:
                    add('s', s[i], s[i + gap])
                if c[i] != MAX_CLASSES and c[i + gap] != MAX_CLASSES:
                    add('S', c[i], c[i + gap])
                if c[i + gap] != MAX_CLASSES:
                    add('m', s[i], c[i + gap])
                if c[i] != MAX_CLASSES:
                    add('n', c[i], s[i + gap])
    dense = [k for k in c if k != MAX_CLASSES]
    for i in range(len(dense) - 1):
        add('D', dense[i], dense[i + 1])
        if i + 2 < len(dense):
            add('E', dense[i], dense[i + 1], dense[i + 2])
    present = sorted({k for k in kinds if k >= 0})
    for i, one in enumerate(present):
        for other in present[i + 1:]:
            add('P', one, other)
    for d in data:
        d = b'<' + d + b'>'
        for n in (3, 4, 5):
            for at in range(len(d) - n + 1):
                out.add(fnv_bytes(d[at:at + n], FNV_C))
    return out


def fnv_bytes(data, start=FNV_OFFSET):
    for byte in data:
        start = ((start ^ byte) * FNV_PRIME) & MASK
    return start


FNV_C = fnv_bytes(b'c')


class Matrix:
    """Rows of features (sorted arrays), each with the value 1/sqrt(number of features). hashes: the
    features that count, sorted."""

    def __init__(self, rows, hashes):
        hashes = numpy.asarray(hashes, dtype=numpy.uint32)
        pointers, columns, values = [0], [], []
        for row in rows:
            at = numpy.searchsorted(hashes, row)
            known = at[hashes[numpy.minimum(at, len(hashes) - 1)] == row]
            columns.append(known)
            values.append(numpy.full(len(known), 1.0 / numpy.sqrt(max(1, len(row)))))
            pointers.append(pointers[-1] + len(known))
        self.sparse = scipy.sparse.csr_matrix(
            (numpy.concatenate(values), numpy.concatenate(columns).astype(numpy.int32), numpy.array(pointers)),
            shape=(len(rows), len(hashes)))
        self.transposed = self.sparse.T.tocsr()

    def dot(self, weights):
        return self.sparse @ weights

    def transposed_dot(self, errors):
        return self.transposed @ errors


def softmax(logits):
    logits = logits - logits.max(axis=1, keepdims=True)
    e = numpy.exp(logits)
    return e / e.sum(axis=1, keepdims=True)


def fit(matrix, n_features, targets, sample_weights, penalty=1e-4, steps=120, rate=0.5, start=None):
    """Multinomial logistic regression, full batch with Adam. targets: rows x labels."""
    n_labels = targets.shape[1]
    weights = numpy.zeros((n_features, n_labels)) if start is None else start[0].copy()
    bias = numpy.zeros(n_labels) if start is None else start[1].copy()
    total = sample_weights.sum()
    m, v = numpy.zeros_like(weights), numpy.zeros_like(weights)
    bm, bv = numpy.zeros_like(bias), numpy.zeros_like(bias)
    for step in range(1, steps + 1):
        errors = (softmax(matrix.dot(weights) + bias) - targets) * sample_weights[:, None] / total
        gradient = matrix.transposed_dot(errors) + penalty * weights
        bias_gradient = errors.sum(axis=0)
        m = 0.9 * m + 0.1 * gradient
        v = 0.99 * v + 0.01 * gradient * gradient
        bm = 0.9 * bm + 0.1 * bias_gradient
        bv = 0.99 * bv + 0.01 * bias_gradient * bias_gradient
        now = rate * (1 - step / (steps + 1))
        weights -= now * (m / (1 - 0.9 ** step)) / (numpy.sqrt(v / (1 - 0.99 ** step)) + 1e-8)
        bias -= now * (bm / (1 - 0.9 ** step)) / (numpy.sqrt(bv / (1 - 0.99 ** step)) + 1e-8)
    return weights, bias


class Model:
    def __init__(self, labels, classes, hashes, weights, bias):
        self.labels, self.classes = labels, classes
        self.hashes = list(hashes)
        self.weights, self.bias = weights, bias

    def logits(self, texts):
        return self.logits_of_rows([row(text, self.classes) for text in texts])

    def logits_of_rows(self, rows):
        return Matrix(rows, self.hashes).dot(self.weights) + self.bias

    def quantised(self, keep):
        """The strongest features, as the file holds them: a byte for each weight, one scale for each label."""
        strength = numpy.abs(self.weights).max(axis=1)
        order = sorted(range(len(self.hashes)), key=lambda i: (-strength[i], self.hashes[i]))[:keep]
        order = sorted((i for i in order if strength[i] > 0), key=lambda i: self.hashes[i])
        weights = self.weights[order]
        scales = numpy.abs(weights).max(axis=0) / 127.0
        scales[scales == 0] = 1.0
        # What the file can hold exactly: 16.16 fixed point.
        scales = numpy.maximum(1, numpy.round(scales * 65536)) / 65536.0
        bias = numpy.round(self.bias * 65536) / 65536.0
        small = numpy.clip(numpy.round(weights / scales), -127, 127)
        hashes = [self.hashes[i] for i in order]
        return Model(self.labels, self.classes, hashes, small * scales, bias), small.astype(numpy.int8), scales

    def write(self, path, keep, data_digest):
        """The file of sgp-text-model.c; see README.md. data_digest: 32 bytes. Returns the model that it holds."""
        model, small, scales = self.quantised(keep)
        out = bytearray(b'SGPTEXT1')
        table = sorted(self.classes.table.items())
        out += struct.pack('<III', len(self.labels), len(model.hashes), len(table))
        out += data_digest
        for label, scale, bias in zip(self.labels, scales, model.bias):
            out += struct.pack('<24sii', label.encode(), int(round(scale * 65536)), int(round(bias * 65536)))
        out += b''.join(struct.pack('<I', h) for h in model.hashes)
        out += b''.join(struct.pack('<I', h) for h, _ in table)
        out += small.tobytes()
        out += bytes(number for _, number in table)
        with open(path, 'wb') as file:
            file.write(out)
        return model


def digest(paths):
    """SHA-256 over the data files, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        with open(path, 'rb') as file:
            total.update(file.read())
    return total.digest()


def row(text, classes):
    """The features of a text as Matrix takes them."""
    return numpy.array(sorted(features(text, classes)), dtype=numpy.uint32)


def union(rows):
    return numpy.unique(numpy.concatenate(rows))


def select(rows, minimum):
    """The features that occur in at least so many rows, sorted."""
    found, counts = numpy.unique(numpy.concatenate(rows), return_counts=True)
    return found[counts >= minimum].tolist()

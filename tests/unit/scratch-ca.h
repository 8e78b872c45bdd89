/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An issuer of certificates for one test, by the real openssl, with a web server on the loopback
 * that hands out its revocation list. Everything ends with scratch_ca_free(). */
typedef struct {
	char *directory; /* (owned) keys, requests, certificates */
	char *url;       /* (owned) of the revocation list */
	GSubprocess *server;
} ScratchCa;

/* What a certificate shall be. NULL and 0: the usual. */
typedef struct {
	const char *subject;     /* "/CN=Erika" */
	const char *key;         /* "rsa:2048"; "ec:prime256v1" */
	const char *digest;      /* "sha256" */
	const char *names;       /* subjectAltName, "email:erika@kunde.example" */
	const char *usage;       /* "critical,digitalSignature,keyEncipherment"; "none" */
	const char *purpose;     /* extendedKeyUsage; "none" by default */
	const char *constraints; /* "CA:FALSE" */
	const char *list;        /* URL of the revocation list; "none"; NULL: the server's */
	const char *responder;   /* (nullable) URL of an OCSP responder */
	const char *start, *end; /* "20200101000000Z" */
	const char *issuer;      /* name of another certificate; NULL: the root; "self" */
} ScratchCertificate;

ScratchCa *scratch_ca_new(void);
void scratch_ca_free(ScratchCa *self);
/* NAME.pem and NAME.key in the directory. Returns the fingerprint. (transfer full) */
char *scratch_ca_make(ScratchCa *self, const char *name, const ScratchCertificate *how);
void scratch_ca_revoke(ScratchCa *self, const char *name);
/* Writes the list anew, and offers it. days: how long it holds; negative: it ended. */
void scratch_ca_publish(ScratchCa *self, int days);
/* The list cannot be had any more, or again. */
void scratch_ca_set_offline(ScratchCa *self, gboolean is_offline);
/* Into the keybox of this home; with_key: its secret key too. */
void scratch_ca_import(ScratchCa *self, const char *home, const char *name, gboolean with_key);
/* Writes the trust list of this home: the root, and nobody else. */
void scratch_ca_trust(ScratchCa *self, const char *home);
/* Forgets the lists that dirmngr kept, and ends it. */
void scratch_ca_forget(const char *home);
char *scratch_ca_dup_path(ScratchCa *self, const char *name, const char *suffix);
/* Runs a program (shell syntax) in the directory; fails the test unless it succeeds. Returns its
 * standard output. (transfer full) */
GBytes *scratch_ca_run(ScratchCa *self, GBytes *input, const char *format, ...) G_GNUC_PRINTF(3, 4);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScratchCa, scratch_ca_free)

G_END_DECLS

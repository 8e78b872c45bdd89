/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows GPGME: reads keyrings, encrypts, decrypts, signs, verifies, makes keys.
 * It names keys by whole fingerprints only (given an address, gpg matches substrings), decides
 * nothing about whom to encrypt to, and never keeps a clear text. */
#include "sgp-gpgme.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <gpgme.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-gnupg-listing.h"

#define IO_SIZE_TEXT  "65536" /* GPGME's own default of 512 bytes costs half of the speed */
#define PIPE_SIZE     (1024 * 1024)
#define MAXIMAL_IDLE  4                   /* contexts kept for one home */
#define MAXIMAL_PLAIN (64u * 1024 * 1024) /* what is decrypted into memory */

static void give_back(gpgme_ctx_t context);

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gpgme_ctx_t, give_back, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gpgme_data_t, gpgme_data_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gpgme_key_t, gpgme_key_unref, NULL)

/* ---- errors and contexts ---- */

/* gpg's open list of some hundred codes, by what a caller can do about them; all others are FAILED.
 */
static const struct {
	gpg_err_code_t cause;
	SgpError code;
} CODES[] = {
	{ GPG_ERR_NO_PUBKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_NO_SECKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_UNUSABLE_PUBKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_UNUSABLE_SECKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_KEY_EXPIRED, SGP_ERROR_CONFLICT },
	{ GPG_ERR_CERT_REVOKED, SGP_ERROR_CONFLICT },
	{ GPG_ERR_CANCELED, SGP_ERROR_LOCKED }, /* by the person at the passphrase dialog */
	{ GPG_ERR_FULLY_CANCELED, SGP_ERROR_LOCKED },
	{ GPG_ERR_BAD_PASSPHRASE, SGP_ERROR_LOCKED },
	{ GPG_ERR_NO_PASSPHRASE, SGP_ERROR_LOCKED },
	{ GPG_ERR_NO_PIN_ENTRY, SGP_ERROR_LOCKED },
	{ GPG_ERR_PIN_ENTRY, SGP_ERROR_LOCKED },
	{ GPG_ERR_INV_ENGINE, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_NO_ENGINE, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_TIMEOUT, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_NO_AGENT, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_AGENT, SGP_ERROR_UNREACHABLE },
};

static SgpError get_code(gpgme_error_t cause)
{
	for (gsize i = 0; i < G_N_ELEMENTS(CODES); i++)
		if (CODES[i].cause == gpgme_err_code(cause))
			return CODES[i].code;
	return SGP_ERROR_FAILED;
}

static gboolean set_error(
	GError **error, const char *what, gpgme_error_t cause, GCancellable *cancellable)
{
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return FALSE;
	g_set_error(error, SGP_ERROR, get_code(cause), "gpg: %s: %s", what, gpgme_strerror(cause));
	return FALSE;
}

static gpointer initialise(gpointer unused)
{
	return GINT_TO_POINTER(gpgme_check_version("1.16.0") != NULL);
}

/* Contexts that nobody uses at the moment, by home. To be told a home, GPGME runs "gpg --version",
 * and again inside each operation that makes a context of its own: more than the operation itself
 * takes. */
static GMutex pool_lock;
static GHashTable *pool; /* (owned) (element-type utf8 GPtrArray(gpgme_ctx_t)) */

static const char *get_home(gpgme_ctx_t context)
{
	gpgme_engine_info_t info = gpgme_ctx_get_engine_info(context);
	for (; info != NULL; info = info->next)
		if (info->protocol == GPGME_PROTOCOL_OpenPGP)
			return info->home_dir != NULL ? info->home_dir : "";
	return "";
}

static void give_back(gpgme_ctx_t context)
{
	gpgme_signers_clear(context);
	gpgme_set_armor(context, 0);
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool_lock);
	if (pool == NULL)
		pool = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	GPtrArray *idle = g_hash_table_lookup(pool, get_home(context));
	if (idle == NULL) {
		idle = g_ptr_array_new_with_free_func((GDestroyNotify)gpgme_release);
		g_hash_table_insert(pool, g_strdup(get_home(context)), idle);
	}
	if (idle->len < MAXIMAL_IDLE)
		g_ptr_array_add(idle, context);
	else
		gpgme_release(context);
}

static gpgme_ctx_t take_idle(const char *home)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool_lock);
	GPtrArray *idle = pool == NULL ? NULL : g_hash_table_lookup(pool, home);
	return idle == NULL || idle->len == 0 ? NULL
					      : g_ptr_array_steal_index_fast(idle, idle->len - 1);
}

static gpgme_ctx_t context_new(const char *home, GError **error)
{
	static GOnce once = G_ONCE_INIT;
	if (!GPOINTER_TO_INT(g_once(&once, initialise, NULL))) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "GPGME is too old");
		return NULL;
	}
	gboolean has_home = home != NULL && *home != '\0';
	gpgme_ctx_t context = take_idle(has_home ? home : "");
	if (context != NULL)
		return context;
	gpgme_error_t cause = gpgme_new(&context);
	if (cause == 0)
		cause = gpgme_set_protocol(context, GPGME_PROTOCOL_OpenPGP);
	if (cause == 0 && has_home)
		cause = gpgme_ctx_set_engine_info(context, GPGME_PROTOCOL_OpenPGP, NULL, home);
	if (cause != 0) {
		set_error(error, "set up", cause, NULL);
		gpgme_release(context);
		return NULL;
	}
	/* Key look-ups by network are never implied: they would tell others whom we write to. */
	gpgme_set_offline(context, 1);
	return context;
}

static void cancel_context(GCancellable *cancellable, gpointer context)
{
	gpgme_cancel_async(context);
}

static gulong watch(GCancellable *cancellable, gpgme_ctx_t context)
{
	return cancellable == NULL ? 0
				   : g_cancellable_connect(cancellable, G_CALLBACK(cancel_context),
					     context, NULL);
}

static gpgme_data_t data_from_bytes(GBytes *bytes)
{
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);
	gpgme_data_t data = NULL;
	gpgme_data_new_from_mem(&data, start != NULL ? start : "", size, 0);
	return data;
}

static GBytes *bytes_from_data(gpgme_data_t *data)
{
	size_t size = 0;
	char *memory = gpgme_data_release_and_get_mem(g_steal_pointer(data), &size);
	GBytes *bytes = g_bytes_new(memory, memory == NULL ? 0 : size);
	gpgme_free(memory);
	return bytes;
}

static char *text_from_data(gpgme_data_t *data)
{
	g_autoptr(GBytes) bytes = bytes_from_data(data);
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);
	return g_strndup(start != NULL ? start : "", size);
}

/**
 * sgp_gpgme_dup_home:
 * @home: (nullable): as for all calls
 *
 * Returns: (transfer full): the directory that gpg will use
 */
char *sgp_gpgme_dup_home(const char *home)
{
	if (home != NULL && *home != '\0')
		return g_strdup(home);
	return g_strdup(gpgme_get_dirinfo("homedir"));
}

/* ---- reading keyrings ---- */

static SgpKeyAlgorithm get_algorithm(gpgme_pubkey_algo_t algorithm)
{
	switch (algorithm) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_RSA_S:
		return SGP_KEY_ALGORITHM_RSA;
	case GPGME_PK_ECC:
	case GPGME_PK_ECDH:
	case GPGME_PK_ECDSA:
	case GPGME_PK_EDDSA:
		return SGP_KEY_ALGORITHM_CURVE;
	case GPGME_PK_ELG:
	case GPGME_PK_ELG_E:
		return SGP_KEY_ALGORITHM_ELGAMAL;
	case GPGME_PK_DSA:
		return SGP_KEY_ALGORITHM_DSA;
	}
	return SGP_KEY_ALGORITHM_UNKNOWN;
}

static void add_part(SgpKeyRecord *record, gpgme_subkey_t subkey)
{
	SgpKeyPart part = {
		.algorithm = get_algorithm(subkey->pubkey_algo),
		.bits = subkey->length,
		.created = subkey->timestamp,
		.expires = subkey->expires,
		.can_encrypt = subkey->can_encrypt,
		.can_sign = subkey->can_sign,
		.is_revoked = subkey->revoked,
		.is_disabled = subkey->disabled,
		.is_invalid = subkey->invalid || subkey->timestamp <= 0,
	};
	g_strlcpy(part.key_id, subkey->keyid != NULL ? subkey->keyid : "", sizeof(part.key_id));
	g_array_append_val(record->parts, part);
}

static SgpKeyRecord *record_from_key(gpgme_key_t key)
{
	if (key->fpr == NULL)
		return NULL; /* a key of a version that this gpg cannot use */
	SgpKeyRecord *record = sgp_key_record_new(SGP_CHANNEL_OPENPGP, key->fpr);
	record->is_revoked = key->revoked;
	record->is_disabled = key->disabled;
	record->is_invalid = key->invalid;
	for (gpgme_subkey_t subkey = key->subkeys; subkey != NULL; subkey = subkey->next)
		add_part(record, subkey);
	for (gpgme_user_id_t user_id = key->uids; user_id != NULL; user_id = user_id->next) {
		g_autofree char *addr_spec =
			user_id->invalid ? NULL : sgp_gnupg_listing_dup_addr_spec(user_id->uid);
		gboolean is_valid = user_id->validity == GPGME_VALIDITY_FULL ||
				    user_id->validity == GPGME_VALIDITY_ULTIMATE;
		if (addr_spec != NULL)
			sgp_key_record_add_user_id(
				record, addr_spec, user_id->revoked, is_valid && !user_id->revoked);
	}
	return record;
}

/**
 * sgp_gpgme_dup_program:
 *
 * Returns: (transfer full): the gpg that all of this runs
 */
char *sgp_gpgme_dup_program(void)
{
	g_auto(gpgme_ctx_t) context = context_new(NULL, NULL);
	gpgme_engine_info_t info = context == NULL ? NULL : gpgme_ctx_get_engine_info(context);
	for (; info != NULL; info = info->next)
		if (info->protocol == GPGME_PROTOCOL_OpenPGP && info->file_name != NULL)
			return g_strdup(info->file_name);
	return g_strdup("gpg");
}

static gpgme_key_t load_key(gpgme_ctx_t context, const char *fingerprint, gboolean secret,
	GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_key_t) key = NULL;
	gulong watched = watch(cancellable, context);
	gpgme_error_t cause = gpgme_get_key(context, fingerprint, &key, secret);
	g_cancellable_disconnect(cancellable, watched);
	gboolean is_missing = gpgme_err_code(cause) == GPG_ERR_EOF ||
			      (cause == 0 && g_ascii_strcasecmp(key->fpr, fingerprint) != 0);
	if (is_missing && !g_cancellable_is_cancelled(cancellable)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "no such key in the keyring");
		return NULL;
	}
	if (cause != 0 || is_missing) {
		set_error(error, "load key", cause, cancellable);
		return NULL;
	}
	return g_steal_pointer(&key);
}

/**
 * sgp_gpgme_load_record:
 * @fingerprint: whole, of the primary key
 *
 * Returns: (transfer full): what gpg says of it at this moment; %SGP_ERROR_NOT_FOUND if none
 */
SgpKeyRecord *sgp_gpgme_load_record(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_key_t) key = load_key(context, fingerprint, FALSE, cancellable, error);
	return key == NULL ? NULL : record_from_key(key);
}

SgpKey *sgp_gpgme_load_key(const char *home, const char *fingerprint, gint64 now,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKeyRecord) record =
		sgp_gpgme_load_record(home, fingerprint, cancellable, error);
	return record == NULL ? NULL : sgp_key_record_judge(record, NULL, now);
}

/* How many keys are listed, and what the last one says. */
static gpgme_error_t read_listed(gpgme_ctx_t context, guint *n_keys, SgpKeyRecord **last)
{
	gpgme_error_t cause = 0;
	while (cause == 0) {
		g_auto(gpgme_key_t) key = NULL;
		cause = gpgme_op_keylist_next(context, &key);
		if (cause != 0)
			break;
		g_clear_pointer(last, sgp_key_record_unref);
		*last = record_from_key(key);
		*n_keys += 1;
	}
	return gpgme_err_code(cause) == GPG_ERR_EOF ? 0 : cause;
}

/**
 * sgp_gpgme_read_certificate:
 * @certificate: one transferable public key, armored or binary
 *
 * Returns: (transfer full): what it says; %SGP_ERROR_INVALID unless it is exactly one key
 */
SgpKeyRecord *sgp_gpgme_read_certificate(const char *home, GBytes *certificate, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_data_t) data = data_from_bytes(certificate);
	g_autoptr(SgpKeyRecord) record = NULL;
	guint n_keys = 0;
	gpgme_error_t cause = gpgme_op_keylist_from_data_start(context, data, 0);
	if (cause == 0)
		cause = read_listed(context, &n_keys, &record);
	if (cause != 0) {
		set_error(error, "read certificate", cause, NULL);
		return NULL;
	}
	if (n_keys != 1 || record == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not exactly one OpenPGP key");
		return NULL;
	}
	return g_steal_pointer(&record);
}

/**
 * sgp_gpgme_has_secret:
 * @has_secret: (out): whether the secret half is at hand (in the agent, or on a card)
 */
gboolean sgp_gpgme_has_secret(const char *home, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_autoptr(GError) local_error = NULL;
	g_auto(gpgme_key_t) key = load_key(context, fingerprint, TRUE, cancellable, &local_error);
	if (key == NULL && !g_error_matches(local_error, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local_error));
		return FALSE;
	}
	*has_secret = key != NULL;
	return TRUE;
}

/* ---- encrypting ---- */

typedef struct {
	SgpGpgmeFeedFunc feed;
	gpointer user_data;
	GOutputStream *to; /* (owned) the writing end of the pipe */
	GCancellable *cancellable;
	GError *error; /* (owned) (nullable) */
} Feed;

static gpointer run_feed(gpointer data)
{
	Feed *feed = data;
	/* gpg may stop reading at any time (a passphrase refused): then write() shall fail, not
	 * kill. */
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (!feed->feed(feed->to, feed->user_data, feed->cancellable, &feed->error) &&
		feed->error == NULL)
		g_set_error(&feed->error, SGP_ERROR, SGP_ERROR_FAILED, "nothing to encrypt");
	/* Closing is what tells gpg that the message is complete; without it gpg waits for ever. */
	g_output_stream_close(feed->to, NULL, feed->error == NULL ? &feed->error : NULL);
	return NULL;
}

typedef struct {
	GOutputStream *out;
	GCancellable *cancellable;
	GError *error; /* (owned) (nullable) */
} Sink;

static ssize_t write_to_sink(void *handle, const void *buffer, size_t size)
{
	Sink *sink = handle;
	if (!g_output_stream_write_all(
		    sink->out, buffer, size, NULL, sink->cancellable, &sink->error)) {
		errno = EIO;
		return -1;
	}
	return (ssize_t)size;
}

/* Recipients as GPGME wants them in one text: whole fingerprints, and then files. */
static char *dup_recipients(const char *const *fingerprints, int certificate_fd, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; fingerprints != NULL && fingerprints[i] != NULL; i++) {
		const char *hex = fingerprints[i];
		gsize length = strlen(hex);
		/* Anything but a whole fingerprint would be matched by substring. */
		if ((length != 40 && length != 64) ||
			strspn(hex, "0123456789ABCDEFabcdef") != length) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "not a whole fingerprint");
			return NULL;
		}
		g_string_append_printf(text, "%s\n", hex);
	}
	if (certificate_fd >= 0)
		g_string_append_printf(
			text, "--file\n/proc/%ld/fd/%d\n", (long)getpid(), certificate_fd);
	if (text->len == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "nobody to encrypt to");
		return NULL;
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static int certificate_to_memfd(GBytes *certificate, GError **error)
{
	gsize size;
	const char *start = g_bytes_get_data(certificate, &size);
	int fd = memfd_create("certificate", MFD_CLOEXEC);
	if (fd < 0 || write(fd, start, size) != (ssize_t)size) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "memfd");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static gpgme_error_t run_encryption(
	gpgme_ctx_t context, const char *recipients, gboolean is_signed, int plain_fd, Sink *sink)
{
	static struct gpgme_data_cbs callbacks = { .write = write_to_sink };
	g_auto(gpgme_data_t) plain = NULL;
	g_auto(gpgme_data_t) cipher = NULL;
	gpgme_error_t cause = gpgme_data_new_from_fd(&plain, plain_fd);
	if (cause == 0)
		cause = gpgme_data_new_from_cbs(&cipher, &callbacks, sink);
	if (cause == 0)
		cause = gpgme_data_set_flag(plain, "io-buffer-size", IO_SIZE_TEXT);
	if (cause == 0)
		cause = gpgme_data_set_flag(cipher, "io-buffer-size", IO_SIZE_TEXT);
	if (cause != 0)
		return cause;
	gpgme_data_set_encoding(plain, GPGME_DATA_ENCODING_BINARY);
	/* NO_ENCRYPT_TO: an encrypt-to in the user's gpg.conf would add readers nobody decided on.
	 * ALWAYS_TRUST: which keys are good enough was decided before, key by key. */
	gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO |
				      GPGME_ENCRYPT_NO_COMPRESS;
	return is_signed
		       ? gpgme_op_encrypt_sign_ext(context, NULL, recipients, flags, plain, cipher)
		       : gpgme_op_encrypt_ext(context, NULL, recipients, flags, plain, cipher);
}

static gpgme_error_t pump(
	gpgme_ctx_t context, const char *recipients, gboolean is_signed, Feed *feed, Sink *sink)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return gpgme_error_from_errno(errno);
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE); /* a wish, not a need */
	feed->to = g_unix_output_stream_new(ends[1], TRUE);
	GThread *thread = g_thread_new("sgp-seal", run_feed, feed);
	gulong watched = watch(sink->cancellable, context);
	gpgme_error_t cause = run_encryption(context, recipients, is_signed, ends[0], sink);
	g_cancellable_disconnect(sink->cancellable, watched);
	close(ends[0]); /* a feed that is still writing gets EPIPE */
	g_thread_join(thread);
	g_clear_object(&feed->to);
	return cause;
}

static gboolean encrypt(gpgme_ctx_t context, const char *recipients, const char *signer, Feed *feed,
	Sink *sink, GError **error)
{
	if (signer != NULL) {
		g_auto(gpgme_key_t) key = load_key(context, signer, TRUE, sink->cancellable, error);
		if (key == NULL)
			return FALSE;
		gpgme_error_t cause = gpgme_signers_add(context, key);
		if (cause != 0)
			return set_error(error, "signer", cause, NULL);
	}
	gpgme_error_t cause = pump(context, recipients, signer != NULL, feed, sink);
	g_autoptr(GError) feed_error = g_steal_pointer(&feed->error);
	g_autoptr(GError) sink_error = g_steal_pointer(&sink->error);
	if (g_cancellable_set_error_if_cancelled(sink->cancellable, error))
		return FALSE;
	if (sink_error != NULL) {
		g_propagate_error(error, g_steal_pointer(&sink_error));
		return FALSE;
	}
	/* A feed that failed half-way leaves gpg with a shorter but well-formed message: only its
	 * own word tells. A feed that got EPIPE failed because gpg did. */
	gboolean is_pipe = g_error_matches(feed_error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
	if (feed_error != NULL && (cause == 0 || !is_pipe)) {
		g_propagate_error(error, g_steal_pointer(&feed_error));
		return FALSE;
	}
	gpgme_encrypt_result_t result = gpgme_op_encrypt_result(context);
	if (result != NULL && result->invalid_recipients != NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "gpg: a key is not usable");
		return FALSE;
	}
	if (cause != 0)
		return set_error(error, "encrypt", cause, sink->cancellable);
	return TRUE;
}

/**
 * sgp_gpgme_encrypt_with_certificate:
 * @fingerprints: (nullable): whole fingerprints of keys in the keyring
 * @certificate: (nullable): one key more; its file descriptor is memory, its key gets into no ring
 * @signer: (nullable): fingerprint
 * @feed: writes the clear text; runs in a thread of its own
 * @out: gets the message; worthless after an error
 *
 * RFC 9580 section 11.3. What came out has to be checked by sgp_openpgp_packets_check().
 */
gboolean sgp_gpgme_encrypt_with_certificate(const char *home, const char *const *fingerprints,
	GBytes *certificate, const char *signer, gboolean armor, SgpGpgmeFeedFunc feed,
	gpointer user_data, GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return FALSE;
	gpgme_set_armor(context, armor);
	int fd = -1;
	if (certificate != NULL) {
		fd = certificate_to_memfd(certificate, error);
		if (fd < 0)
			return FALSE;
	}
	g_autofree char *recipients = dup_recipients(fingerprints, fd, error);
	gboolean is_done = FALSE;
	if (recipients != NULL) {
		Feed source = { .feed = feed, .user_data = user_data, .cancellable = cancellable };
		Sink sink = { .out = out, .cancellable = cancellable };
		is_done = encrypt(context, recipients, signer, &source, &sink, error);
	}
	if (fd >= 0)
		close(fd);
	return is_done;
}

gboolean sgp_gpgme_encrypt(const char *home, const char *const *fingerprints, const char *signer,
	gboolean armor, SgpGpgmeFeedFunc feed, gpointer user_data, GOutputStream *out,
	GCancellable *cancellable, GError **error)
{
	return sgp_gpgme_encrypt_with_certificate(
		home, fingerprints, NULL, signer, armor, feed, user_data, out, cancellable, error);
}

/* ---- decrypting, signing, verifying ---- */

/* The primary key's fingerprint, for gpg names the subkey that signed. NULL unless there is a
 * signature and every one of them is good. */
static char *dup_signer(gpgme_ctx_t context, gpgme_signature_t signatures)
{
	g_autofree char *signer = NULL;
	for (gpgme_signature_t one = signatures; one != NULL; one = one->next) {
		if (one->status != 0 || one->fpr == NULL)
			return NULL;
		g_auto(gpgme_key_t) key = NULL;
		if (gpgme_get_key(context, one->fpr, &key, 0) != 0 || key->fpr == NULL)
			return NULL;
		if (signer != NULL && !g_str_equal(signer, key->fpr))
			return NULL; /* two authors are no author */
		g_free(signer);
		signer = g_strdup(key->fpr);
	}
	return g_steal_pointer(&signer);
}

/* Clear text grows here, up to a limit: 10 MB of a compressed bomb would become 10 GB (threat 16;
 * test /gpgme/a-compressed-bomb-is-refused). */
typedef struct {
	GByteArray *bytes; /* (owned) */
	gboolean is_over;
} Plain;

static void plain_clear(Plain *plain)
{
	g_clear_pointer(&plain->bytes, g_byte_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plain, plain_clear)

static ssize_t write_plain(void *handle, const void *buffer, size_t size)
{
	Plain *plain = handle;
	if (size > MAXIMAL_PLAIN - plain->bytes->len) {
		plain->is_over = TRUE;
		errno = EFBIG;
		return -1;
	}
	g_byte_array_append(plain->bytes, buffer, (guint)size);
	return (ssize_t)size;
}

static gboolean judge_decryption(gpgme_ctx_t context, gpgme_error_t cause, const Plain *plain,
	GCancellable *cancellable, GError **error)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(context);
	gboolean is_broken = gpgme_err_code(cause) == GPG_ERR_DECRYPT_FAILED ||
			     gpgme_err_code(cause) == GPG_ERR_NO_DATA ||
			     gpgme_err_code(cause) == GPG_ERR_BAD_DATA ||
			     (result != NULL && result->legacy_cipher_nomdc);
	if (plain->is_over) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TOO_LARGE, "gpg: the message is too large");
		return FALSE;
	}
	if (is_broken && !g_cancellable_is_cancelled(cancellable)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "gpg: not an intact message");
		return FALSE;
	}
	return cause == 0 || set_error(error, "decrypt", cause, cancellable);
}

static gboolean read_signer(
	gpgme_ctx_t context, const char *home, char **signer_fingerprint, GError **error)
{
	gpgme_verify_result_t verified = gpgme_op_verify_result(context);
	g_autofree char *signer = NULL;
	if (verified != NULL && verified->signatures != NULL) {
		g_auto(gpgme_ctx_t) other = context_new(home, error);
		if (other == NULL)
			return FALSE;
		signer = dup_signer(other, verified->signatures);
	}
	if (signer_fingerprint != NULL)
		*signer_fingerprint = g_steal_pointer(&signer);
	return TRUE;
}

static GBytes *decrypt(gpgme_ctx_t context, const char *home, GBytes *ciphertext,
	char **signer_fingerprint, GCancellable *cancellable, GError **error)
{
	struct gpgme_data_cbs callbacks = { .write = write_plain };
	g_auto(Plain) plain = { g_byte_array_new(), FALSE };
	g_auto(gpgme_data_t) cipher = data_from_bytes(ciphertext);
	g_auto(gpgme_data_t) sink = NULL;
	gpgme_data_new_from_cbs(&sink, &callbacks, &plain);
	gulong watched = watch(cancellable, context);
	gpgme_error_t cause = gpgme_op_decrypt_verify(context, cipher, sink);
	g_cancellable_disconnect(cancellable, watched);
	if (!judge_decryption(context, cause, &plain, cancellable, error) ||
		!read_signer(context, home, signer_fingerprint, error))
		return NULL;
	return g_byte_array_free_to_bytes(g_steal_pointer(&plain.bytes));
}

/**
 * sgp_gpgme_decrypt:
 * @signer_fingerprint: (out) (nullable) (transfer full)
 *
 * A failed decryption has filled its buffer with clear text already; it is judged before anybody
 * sees it (EFAIL; no message without integrity protection gets through).
 *
 * Returns: (transfer full): the clear text, at most 64 MiB. Errors: TAMPERED (not intact, or no
 * OpenPGP message), TOO_LARGE
 */
GBytes *sgp_gpgme_decrypt(const char *home, GBytes *ciphertext, char **signer_fingerprint,
	GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	return context == NULL
		       ? NULL
		       : decrypt(context, home, ciphertext, signer_fingerprint, cancellable, error);
}

/**
 * sgp_gpgme_decrypt_quietly:
 *
 * The same for a background job: a key whose passphrase would have to be asked for is an error, and
 * no pinentry appears over somebody's work.
 */
GBytes *sgp_gpgme_decrypt_quietly(
	const char *home, GBytes *ciphertext, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	GBytes *plain = NULL;
	if (context == NULL)
		return NULL;
	gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_CANCEL);
	plain = decrypt(context, home, ciphertext, NULL, cancellable, error);
	gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_DEFAULT);
	return plain;
}

/**
 * sgp_gpgme_sign_detached:
 *
 * Returns: (transfer full): an armored detached signature over exactly these bytes
 */
char *sgp_gpgme_sign_detached(const char *home, GBytes *data, const char *signer, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_key_t) key = load_key(context, signer, TRUE, NULL, error);
	if (key == NULL)
		return NULL;
	gpgme_set_armor(context, 1);
	g_auto(gpgme_data_t) plain = data_from_bytes(data);
	g_auto(gpgme_data_t) signature = NULL;
	gpgme_error_t cause = gpgme_data_new(&signature);
	if (cause == 0)
		cause = gpgme_signers_add(context, key);
	if (cause == 0)
		cause = gpgme_op_sign(context, plain, signature, GPGME_SIG_MODE_DETACH);
	if (cause != 0) {
		set_error(error, "sign", cause, NULL);
		return NULL;
	}
	return text_from_data(&signature);
}

/**
 * sgp_gpgme_verify_detached:
 * @signer: fingerprint of the primary key that has to have signed
 *
 * Errors: TAMPERED (no signature, a bad one, somebody else's)
 */
gboolean sgp_gpgme_verify_detached(
	const char *home, GBytes *data, const char *signature, const char *signer, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_autoptr(GBytes) signature_bytes = g_bytes_new_static(signature, strlen(signature));
	g_auto(gpgme_data_t) signature_data = data_from_bytes(signature_bytes);
	g_auto(gpgme_data_t) signed_data = data_from_bytes(data);
	gpgme_error_t cause = gpgme_op_verify(context, signature_data, signed_data, NULL);
	gpgme_verify_result_t result = gpgme_op_verify_result(context);
	g_autofree char *found = NULL;
	if (cause == 0 && result != NULL) {
		g_auto(gpgme_ctx_t) other = context_new(home, error);
		if (other == NULL)
			return FALSE;
		found = dup_signer(other, result->signatures);
	}
	if (cause != 0 && gpgme_err_code(cause) != GPG_ERR_NO_DATA &&
		gpgme_err_code(cause) != GPG_ERR_BAD_DATA)
		return set_error(error, "verify", cause, NULL);
	if (found == NULL || g_ascii_strcasecmp(found, signer) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "the signature does not fit");
		return FALSE;
	}
	return TRUE;
}

/* ---- making and moving keys ---- */

static const char *get_only_fingerprint(gpgme_import_result_t result)
{
	const char *only = NULL;
	if (result == NULL)
		return NULL;
	for (gpgme_import_status_t one = result->imports; one != NULL; one = one->next) {
		/* Public and secret half of one key are two entries. */
		if (one->result != 0 || one->fpr == NULL ||
			(only != NULL && !g_str_equal(only, one->fpr)))
			return NULL;
		only = one->fpr;
	}
	return only;
}

/**
 * sgp_gpgme_import:
 * @key: one key, armored or binary, public or secret
 *
 * Returns: (transfer full): its fingerprint. Errors: INVALID unless it is exactly one usable key;
 * what was imported by then stays (look with sgp_gpgme_read_certificate() first)
 */
char *sgp_gpgme_import(const char *home, GBytes *key, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_data_t) data = data_from_bytes(key);
	gpgme_error_t cause = gpgme_op_import(context, data);
	if (cause != 0 && gpgme_err_code(cause) != GPG_ERR_NO_DATA) {
		set_error(error, "import", cause, NULL);
		return NULL;
	}
	const char *fingerprint = get_only_fingerprint(gpgme_op_import_result(context));
	if (fingerprint == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not exactly one OpenPGP key");
		return NULL;
	}
	return g_ascii_strup(fingerprint, -1);
}

/**
 * sgp_gpgme_export:
 * @secret: the secret key too; of a key without a passphrase, else gpg asks for it
 *
 * Returns: (transfer full): the armored key. Errors: NOT_FOUND
 */
char *sgp_gpgme_export(const char *home, const char *fingerprint, gboolean secret, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_key_t) key = load_key(context, fingerprint, secret, NULL, error);
	if (key == NULL)
		return NULL;
	gpgme_set_armor(context, 1);
	g_auto(gpgme_data_t) data = NULL;
	gpgme_error_t cause = gpgme_data_new(&data);
	if (cause == 0)
		cause = gpgme_op_export(
			context, key->fpr, secret ? GPGME_EXPORT_MODE_SECRET : 0, data);
	if (cause != 0) {
		set_error(error, "export", cause, NULL);
		return NULL;
	}
	g_autofree char *text = text_from_data(&data);
	if (*text == '\0') {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "nothing was exported");
		return NULL;
	}
	return g_steal_pointer(&text);
}

/**
 * sgp_gpgme_generate:
 * @uid: "<a@b>" or "Name <a@b>"
 *
 * Makes the kind of key that GnuPG 2.2 and OpenPGP.js both use: v4, Ed25519 and Curve25519.
 *
 * Returns: (transfer full): its fingerprint
 */
char *sgp_gpgme_generate(const char *home, const char *uid, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return NULL;
	guint flags = GPGME_CREATE_NOPASSWD | GPGME_CREATE_NOEXPIRE;
	gpgme_error_t cause = gpgme_op_createkey(context, uid, "ed25519", 0, 0, NULL,
		flags | GPGME_CREATE_FORCE | GPGME_CREATE_SIGN | GPGME_CREATE_CERT);
	gpgme_genkey_result_t result = gpgme_op_genkey_result(context);
	if (cause != 0 || result == NULL || result->fpr == NULL) {
		set_error(error, "make key", cause, NULL);
		return NULL;
	}
	g_autofree char *fingerprint = g_ascii_strup(result->fpr, -1);
	g_auto(gpgme_key_t) key = load_key(context, fingerprint, FALSE, NULL, error);
	if (key == NULL)
		return NULL;
	cause = gpgme_op_createsubkey(context, key, "cv25519", 0, 0, flags | GPGME_CREATE_ENCR);
	if (cause != 0) {
		set_error(error, "make subkey", cause, NULL);
		return NULL;
	}
	return g_steal_pointer(&fingerprint);
}

/**
 * sgp_gpgme_certify:
 * @local: the signature is not exported
 *
 * The signer says that all user ids of this key are its owner's.
 */
gboolean sgp_gpgme_certify(const char *home, const char *signer, const char *fingerprint,
	gboolean local, GError **error)
{
	g_auto(gpgme_ctx_t) context = context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_auto(gpgme_key_t) signing = load_key(context, signer, TRUE, NULL, error);
	if (signing == NULL)
		return FALSE;
	g_auto(gpgme_key_t) key = load_key(context, fingerprint, FALSE, NULL, error);
	if (key == NULL)
		return FALSE;
	gpgme_error_t cause = gpgme_signers_add(context, signing);
	if (cause == 0)
		cause = gpgme_op_keysign(context, key, NULL, 0,
			GPGME_KEYSIGN_NOEXPIRE | (local ? GPGME_KEYSIGN_LOCAL : 0));
	return cause == 0 ? TRUE : set_error(error, "certify", cause, NULL);
}

/* ---- throw-away homes ---- */

/**
 * sgp_gpgme_home_new_temporary:
 *
 * A private key lives in it for a moment, so it is memory, not a disk: XDG_RUNTIME_DIR, which the
 * system keeps in a tmpfs of the user's own, else /dev/shm; never the cache directory that GLib
 * would fall back to.
 *
 * Returns: (transfer full): its path; sgp_gpgme_home_destroy() ends it
 */
char *sgp_gpgme_home_new_temporary(GError **error)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	gboolean has_runtime = runtime != NULL && g_file_test(runtime, G_FILE_TEST_IS_DIR);
	g_autofree char *path =
		g_build_filename(has_runtime ? runtime : "/dev/shm", "siegelpost-XXXXXX", NULL);
	if (g_mkdtemp_full(path, 0700) == NULL) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "temporary home");
		return NULL;
	}
	return g_steal_pointer(&path);
}

static void remove_directory(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		struct stat status;
		if (lstat(inner, &status) == 0 && S_ISDIR(status.st_mode))
			remove_directory(inner);
		else
			unlink(inner);
	}
	rmdir(path);
}

/**
 * sgp_gpgme_home_destroy:
 * @home: (transfer full) (nullable): from sgp_gpgme_home_new_temporary()
 *
 * Ends the agent that gpg left running for it, and removes it.
 */
void sgp_gpgme_home_destroy(char *home)
{
	if (home == NULL)
		return;
	const char *gpgconf = gpgme_get_dirinfo("gpgconf-name");
	const char *arguments[] = { gpgconf != NULL ? gpgconf : "gpgconf", "--homedir", home,
		"--kill", "all", NULL };
	g_autoptr(GSubprocess) process = g_subprocess_newv(arguments,
		G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
	if (process != NULL)
		g_subprocess_wait(process, NULL, NULL);
	g_mutex_lock(&pool_lock);
	if (pool != NULL)
		g_hash_table_remove(pool, home);
	g_mutex_unlock(&pool_lock);
	remove_directory(home);
	g_free(home);
}

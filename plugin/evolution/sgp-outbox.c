/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes sealed copies over from the agent into Evolution's own folders. It looks for a copy before
 * it appends it and tells the agent only after it has, so a crash anywhere loses nothing and
 * doubles nothing. It never looks into a copy and never sends. */
#include "sgp-outbox.h"

#include <gio/gunixfdlist.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <unistd.h>
#include "sgp-agent-link.h"
#include "sgp-evolution-compat.h"
#include "sgp-transport-guard.h"

#define CALL_TIMEOUT_MS 30000

/* The composer's pipeline and the recovery at start may come together: one at a time, or both would
 * find a copy missing. */
static GMutex one_at_a_time;

typedef struct {
	const char *id; /* (borrowed) */
	gboolean is_sent_copy;
	const char *from;        /* (borrowed) */
	const char **recipients; /* (owned container) */
	int fd;
} Copy;

static CamelMimeMessage *read_copy(int fd, GCancellable *cancellable, GError **error)
{
	g_autoptr(CamelMimeMessage) message = camel_mime_message_new();
	g_autoptr(GInputStream) stream = g_unix_input_stream_new(fd, FALSE);
	lseek(fd, 0, SEEK_SET);
	if (!camel_data_wrapper_construct_from_input_stream_sync(
		    CAMEL_DATA_WRAPPER(message), stream, cancellable, error))
		return NULL;
	return g_steal_pointer(&message);
}

static gboolean has_address(ESource *source, const char *address)
{
	ESourceMailIdentity *identity =
		e_source_get_extension(source, E_SOURCE_EXTENSION_MAIL_IDENTITY);
	g_autofree char *own = e_source_mail_identity_dup_address(identity);
	if (own != NULL && g_ascii_strcasecmp(own, address) == 0)
		return TRUE;
	g_autoptr(GHashTable) aliases = e_source_mail_identity_get_aliases_as_hash_table(identity);
	GHashTableIter iter;
	gpointer alias = NULL;
	if (aliases == NULL)
		return FALSE;
	g_hash_table_iter_init(&iter, aliases);
	while (g_hash_table_iter_next(&iter, &alias, NULL))
		if (g_ascii_strcasecmp(alias, address) == 0)
			return TRUE;
	return FALSE;
}

/* (transfer full) (nullable) */
static ESource *ref_identity(EMailSession *session, const char *address, const char *preferred_uid)
{
	ESourceRegistry *registry = e_mail_session_get_registry(session);
	g_autoptr(ESource) preferred =
		preferred_uid != NULL ? e_source_registry_ref_source(registry, preferred_uid)
				      : NULL;
	if (preferred != NULL &&
		e_source_has_extension(preferred, E_SOURCE_EXTENSION_MAIL_IDENTITY) &&
		has_address(preferred, address))
		return g_steal_pointer(&preferred);
	ESource *found = NULL;
	GList *sources = e_source_registry_list_enabled(registry, E_SOURCE_EXTENSION_MAIL_IDENTITY);
	for (GList *link = sources; link != NULL && found == NULL; link = link->next)
		if (has_address(link->data, address))
			found = g_object_ref(link->data);
	g_list_free_full(sources, g_object_unref);
	return found != NULL ? found : e_source_registry_ref_default_mail_identity(registry);
}

static gboolean is_copy(CamelMimeMessage *message, const char *id)
{
	const char *value = camel_medium_get_header(CAMEL_MEDIUM(message), SGP_COPY_HEADER);
	g_autofree char *own = value != NULL ? g_strstrip(g_strdup(value)) : NULL;
	return g_strcmp0(own, id) == 0;
}

/* Whether one of these messages is the copy. An unreadable one is an error: it could be it. */
static gboolean look_for_copy(CamelFolder *folder, GPtrArray *uids, const char *id, gboolean *found,
	GCancellable *cancellable, GError **error)
{
	*found = FALSE;
	for (guint i = 0; i < uids->len && !*found; i++) {
		const char *uid = g_ptr_array_index(uids, i);
		g_autoptr(CamelMessageInfo) info = camel_folder_get_message_info(folder, uid);
		if (info == NULL ||
			(camel_message_info_get_flags(info) & CAMEL_MESSAGE_DELETED) != 0)
			continue;
		g_autoptr(CamelMimeMessage) message =
			camel_folder_get_message_sync(folder, uid, cancellable, error);
		if (message == NULL)
			return FALSE;
		*found = is_copy(message, id);
	}
	return TRUE;
}

/* The outbox is small and local: every mail in it is looked at. */
static gboolean is_in_outbox(EMailSession *session, const char *id, gboolean *found,
	GCancellable *cancellable, GError **error)
{
	CamelFolder *outbox = e_mail_session_get_local_folder(session, E_MAIL_LOCAL_FOLDER_OUTBOX);
	g_autoptr(GPtrArray) uids = sgp_folder_dup_uids(outbox);
	return look_for_copy(outbox, uids, id, found, cancellable, error);
}

/* The Sent folder is large: only mail with the same Message-ID is looked at, by the index of the
 * summary. */
static gboolean is_in_sent(CamelFolder *sent, CamelMimeMessage *message, const char *id,
	gboolean *found, GCancellable *cancellable, GError **error)
{
	const char *message_id = camel_mime_message_get_message_id(message);
	*found = FALSE;
	if (message_id == NULL)
		return TRUE;
	g_autoptr(GString) expression = g_string_new("(match-all (header-matches \"MESSAGE-ID\" ");
	g_autofree char *bracketed = g_strdup_printf("<%s>", message_id);
	camel_sexp_encode_string(expression, bracketed);
	g_string_append(expression, "))");
	g_autoptr(GPtrArray) uids = sgp_folder_search(sent, expression->str, cancellable, error);
	return uids != NULL && look_for_copy(sent, uids, id, found, cancellable, error);
}

static gboolean is_header_recipient(CamelMimeMessage *message, const char *address)
{
	static const char *const types[] = { CAMEL_RECIPIENT_TYPE_TO, CAMEL_RECIPIENT_TYPE_CC };
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		CamelInternetAddress *list = camel_mime_message_get_recipients(message, types[i]);
		const char *one = NULL;
		for (int n = 0; list != NULL && camel_internet_address_get(list, n, NULL, &one);
			n++)
			if (g_ascii_strcasecmp(one, address) == 0)
				return TRUE;
	}
	return FALSE;
}

/* Evolution makes the envelope from the header fields, but a copy goes to its own recipients only,
 * and its To and Cc name all. Resent-Bcc gives it the right envelope, even if this module should be
 * missing by the time the mail is sent; the guard takes both fields out again before the mail
 * leaves. */
static void set_envelope(CamelMimeMessage *message, const Copy *copy)
{
	guint n_named = 0, n_headers = 0;
	g_autoptr(CamelInternetAddress) envelope = camel_internet_address_new();
	for (const char **one = copy->recipients; *one != NULL; one++) {
		camel_internet_address_add(envelope, NULL, *one);
		n_named += is_header_recipient(message, *one) ? 1 : 0;
	}
	n_headers += (guint)camel_address_length(
		CAMEL_ADDRESS(camel_mime_message_get_recipients(message, CAMEL_RECIPIENT_TYPE_TO)));
	n_headers += (guint)camel_address_length(
		CAMEL_ADDRESS(camel_mime_message_get_recipients(message, CAMEL_RECIPIENT_TYPE_CC)));
	guint n_recipients = (guint)camel_address_length(CAMEL_ADDRESS(envelope));
	if (n_named == n_recipients && n_headers == n_recipients)
		return;
	camel_medium_set_header(CAMEL_MEDIUM(message), "Resent-From", copy->from);
	camel_mime_message_set_recipients(message, CAMEL_RECIPIENT_TYPE_RESENT_BCC, envelope);
}

static void set_identity(CamelMimeMessage *message, ESource *identity)
{
	if (identity == NULL)
		return; /* Evolution's default transport */
	camel_medium_set_header(
		CAMEL_MEDIUM(message), "X-Evolution-Identity", e_source_get_uid(identity));
	if (!e_source_has_extension(identity, E_SOURCE_EXTENSION_MAIL_SUBMISSION))
		return;
	ESourceMailSubmission *submission =
		e_source_get_extension(identity, E_SOURCE_EXTENSION_MAIL_SUBMISSION);
	g_autofree char *transport = e_source_mail_submission_dup_transport_uid(submission);
	if (transport != NULL)
		camel_medium_set_header(CAMEL_MEDIUM(message), "X-Evolution-Transport", transport);
}

static CamelMessageInfo *new_info(CamelMimeMessage *message)
{
	CamelMessageInfo *info = camel_message_info_new_from_headers(
		NULL, camel_medium_get_headers(CAMEL_MEDIUM(message)));
	guint32 flags =
		CAMEL_MESSAGE_SEEN |
		(camel_mime_message_has_attachment(message) ? CAMEL_MESSAGE_ATTACHMENTS : 0);
	camel_message_info_set_flags(info, flags, ~(guint32)0);
	return info;
}

/* Camel writes the mail, and later the summary that alone says it is there, and syncs neither: a
 * crash in between would leave a file that Evolution never looks at again. */
static gboolean make_durable(CamelFolder *folder, GCancellable *cancellable, GError **error)
{
	if (!camel_folder_synchronize_sync(folder, FALSE, cancellable, error))
		return FALSE;
	int directory = open(e_get_user_data_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done = directory >= 0 && syncfs(directory) == 0;
	if (directory >= 0)
		close(directory);
	if (!done)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "syncfs");
	return done;
}

static gboolean put_into_outbox(EMailSession *session, CamelMimeMessage *message, const Copy *copy,
	ESource *identity, GCancellable *cancellable, GError **error)
{
	gboolean found = FALSE;
	CamelFolder *outbox = e_mail_session_get_local_folder(session, E_MAIL_LOCAL_FOLDER_OUTBOX);
	if (!is_in_outbox(session, copy->id, &found, cancellable, error))
		return FALSE;
	if (!found) {
		set_identity(message, identity);
		set_envelope(message, copy);
		g_autoptr(CamelMessageInfo) info = new_info(message);
		if (!e_mail_session_append_to_local_folder_sync(session, E_MAIL_LOCAL_FOLDER_OUTBOX,
			    message, info, NULL, cancellable, error))
			return FALSE;
	}
	return make_durable(outbox, cancellable, error);
}

static gboolean put_into_sent(EMailSession *session, CamelMimeMessage *message, const Copy *copy,
	ESource *identity, GCancellable *cancellable, GError **error)
{
	gboolean use_sent_folder = TRUE, found = FALSE;
	if (identity != NULL)
		camel_medium_set_header(
			CAMEL_MEDIUM(message), "X-Evolution-Identity", e_source_get_uid(identity));
	g_autoptr(GError) folder_error = NULL;
	g_autoptr(CamelFolder) sent = e_mail_session_get_fcc_for_message_sync(
		session, message, &use_sent_folder, cancellable, &folder_error);
	camel_medium_remove_header(CAMEL_MEDIUM(message), "X-Evolution-Identity");
	if (sent == NULL && !use_sent_folder)
		return TRUE; /* the user keeps no sent mail */
	if (sent == NULL) {
		g_propagate_error(error, g_steal_pointer(&folder_error));
		return FALSE;
	}
	if (!is_in_sent(sent, message, copy->id, &found, cancellable, error))
		return FALSE;
	g_autoptr(CamelMessageInfo) info = new_info(message);
	if (!found &&
		!camel_folder_append_message_sync(sent, message, info, NULL, cancellable, error))
		return FALSE;
	return make_durable(sent, cancellable, error);
}

static gboolean take_over(EMailSession *session, const Copy *copy, const char *identity_uid,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(CamelMimeMessage) message = read_copy(copy->fd, cancellable, error);
	if (message == NULL)
		return FALSE;
	g_autoptr(ESource) identity = ref_identity(session, copy->from, identity_uid);
	gboolean done =
		copy->is_sent_copy
			? put_into_sent(session, message, copy, identity, cancellable, error)
			: put_into_outbox(session, message, copy, identity, cancellable, error);
	if (!done)
		return FALSE;
	g_autoptr(GVariant) answer =
		sgp_agent_link_call_sync("TakenOver", g_variant_new("(s)", copy->id), "()", NULL,
			CALL_TIMEOUT_MS, NULL, cancellable, error);
	return answer != NULL;
}

/* A copy that cannot be taken over must not stop the others: its error is kept, the rest goes on.
 */
static gboolean take_over_all(EMailSession *session, GVariant *copies, GUnixFDList *fds,
	const char *identity_uid, guint *n_taken, GCancellable *cancellable, GError **error)
{
	gboolean all = TRUE;
	GVariantIter iter;
	Copy copy = { 0 };
	int handle = -1;
	g_variant_iter_init(&iter, copies);
	while (g_variant_iter_loop(&iter, "(&sb&s^a&sh)", &copy.id, &copy.is_sent_copy, &copy.from,
		&copy.recipients, &handle)) {
		g_autoptr(GError) copy_error = NULL;
		copy.fd = fds != NULL ? g_unix_fd_list_get(fds, handle, &copy_error) : -1;
		gboolean done = copy.fd >= 0 &&
				take_over(session, &copy, identity_uid, cancellable, &copy_error);
		if (copy.fd >= 0)
			close(copy.fd);
		if (done)
			(*n_taken)++;
		if (!done && all) {
			all = FALSE;
			if (copy_error != NULL)
				g_propagate_error(error, g_steal_pointer(&copy_error));
			else
				g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
					"a copy came without its bytes");
		}
	}
	return all;
}

/* One round: the agent names only so many at once. */
static gboolean take_over_some(EMailSession *session, const char *identity_uid, guint *n_taken,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GUnixFDList) fds = NULL;
	g_autoptr(GVariant) answer = sgp_agent_link_call_sync("Pending", g_variant_new("()"),
		"(a(sbsash))", NULL, CALL_TIMEOUT_MS, &fds, cancellable, error);
	if (answer == NULL)
		return FALSE;
	g_autoptr(GVariant) copies = g_variant_get_child_value(answer, 0);
	return take_over_all(session, copies, fds, identity_uid, n_taken, cancellable, error);
}

gboolean sgp_outbox_take_over_sync(EMailSession *session, const char *identity_uid, guint *n_taken,
	GCancellable *cancellable, GError **error)
{
	guint taken = 0, before = 0;
	gboolean done = FALSE;
	g_mutex_lock(&one_at_a_time);
	do {
		before = taken;
		done = take_over_some(session, identity_uid, &taken, cancellable, error);
	} while (done && taken > before);
	g_mutex_unlock(&one_at_a_time);
	if (n_taken != NULL)
		*n_taken = taken;
	return done;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last door. Redirects, invitations, read receipts, filters' replies and mail that lay in the
 * outbox never see the composer's pipeline, so the question "may this leave?" is asked once more in
 * the class of each transport, in the thread that sends. It fails closed: no agent, no answer, no
 * mail. Attack stopped: clear text to a customer by any way round the composer. Shown by
 * tests/hosts/test_transport_guard.py. */
#include "sgp-transport-guard.h"

#include <glib/gi18n-lib.h>
#include "sgp-agent-link.h"
#include "sgp-content-digest.h"
#include "sgp-left-copies.h"
#include "sgp-words.h"

#define ANSWER_TIMEOUT_MS 20000

typedef gboolean (*SendToSync)(CamelTransport *transport, CamelMimeMessage *message,
	CamelAddress *from, CamelAddress *recipients, gboolean *out_sent_message_saved,
	GCancellable *cancellable, GError **error);
typedef CamelService *(*AddService)(CamelSession *session, const char *uid, const char *protocol,
	CamelProviderType type, GError **error);

static GMutex lock;
static GHashTable *originals; /* GType of a transport → its own SendToSync */
static AddService original_add_service;
static GType guarded_session_type;

/* What this thread is sending, for a class that chains up to a guarded parent. */
typedef struct {
	GType type;
	CamelMimeMessage *message; /* (borrowed) */
} Sending;

static GPrivate inside; /* a Sending on the stack of guarded_send_to_sync() */

static SendToSync find_original(GType type)
{
	SendToSync original = NULL;
	g_mutex_lock(&lock);
	for (; type != 0 && original == NULL; type = g_type_parent(type))
		original = (SendToSync)g_hash_table_lookup(originals, GSIZE_TO_POINTER(type));
	g_mutex_unlock(&lock);
	return original;
}

static GVariant *get_recipients(CamelAddress *recipients)
{
	GVariantBuilder builder;
	g_variant_builder_init(&builder, G_VARIANT_TYPE_STRING_ARRAY);
	for (int i = 0;
		CAMEL_IS_INTERNET_ADDRESS(recipients) && i < camel_address_length(recipients);
		i++) {
		const char *address = NULL;
		if (camel_internet_address_get(
			    CAMEL_INTERNET_ADDRESS(recipients), i, NULL, &address) &&
			address != NULL)
			g_variant_builder_add(&builder, "s", address);
	}
	return g_variant_builder_end(&builder);
}

static gboolean refuse(const char *reason, GError **error)
{
	g_autofree char *words = sgp_words_dup_may_leave(reason);
	/* Generic: Evolution keeps quiet about a service that is unavailable, and about cancelling.
	 */
	g_set_error_literal(error, CAMEL_ERROR, CAMEL_ERROR_GENERIC, words);
	return FALSE;
}

/* Asks the agent. TRUE: it may leave. */
static gboolean may_leave(const char *copy, CamelMimeMessage *message, CamelAddress *recipients,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *digest = sgp_content_digest_compute(message, cancellable, error);
	if (digest == NULL)
		return FALSE;
	g_autoptr(GError) call_error = NULL;
	g_autoptr(GVariant) answer = sgp_agent_link_call_sync("MayLeave",
		g_variant_new(
			"(ss@as)", copy != NULL ? copy : "", digest, get_recipients(recipients)),
		"(bs)", NULL, ANSWER_TIMEOUT_MS, NULL, cancellable, &call_error);
	if (g_error_matches(call_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_propagate_error(error, g_steal_pointer(&call_error));
		return FALSE;
	}
	if (answer == NULL)
		return refuse("no-agent", error);
	gboolean ok = FALSE;
	const char *reason = NULL;
	g_variant_get(answer, "(b&s)", &ok, &reason);
	return ok || refuse(reason != NULL && *reason != '\0' ? reason : "not-sealed", error);
}

/* The copy is in the transport's hands, so the host has it: the agent must not offer it again after
 * a crash, or it would be sent twice. */
static gboolean say_taken_over(const char *copy, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) call_error = NULL;
	g_autoptr(GVariant) answer =
		sgp_agent_link_call_sync("TakenOver", g_variant_new("(s)", copy), "()", NULL,
			ANSWER_TIMEOUT_MS, NULL, cancellable, &call_error);
	if (answer != NULL)
		return TRUE;
	g_autofree char *remote = g_dbus_error_get_remote_error(call_error);
	/* It was taken over before and is no longer listed: that is the usual case. */
	if (g_strcmp0(remote, "org.siegelpost.Error.NotFound") == 0 ||
		g_strcmp0(remote, "org.siegelpost.Error.Conflict") == 0)
		return TRUE;
	return refuse("no-agent", error);
}

/* The class's own function, and a note for classes that chain up. */
static gboolean send_by_class(SendToSync original, CamelTransport *transport,
	CamelMimeMessage *message, CamelAddress *from, CamelAddress *recipients,
	gboolean *out_sent_message_saved, GCancellable *cancellable, GError **error)
{
	gpointer outer = g_private_get(&inside);
	Sending sending = { G_OBJECT_TYPE(transport), message };
	g_private_set(&inside, &sending);
	gboolean sent = original(
		transport, message, from, recipients, out_sent_message_saved, cancellable, error);
	g_private_set(&inside, outer);
	return sent;
}

/* A copy that the agent has made, and that it has just allowed to leave. */
static gboolean send_sealed(SendToSync original, const char *copy, CamelTransport *transport,
	CamelMimeMessage *message, CamelAddress *from, CamelAddress *recipients,
	gboolean *out_sent_message_saved, GCancellable *cancellable, GError **error)
{
	if (!say_taken_over(copy, cancellable, error))
		return FALSE;
	/* They told Evolution the envelope (see sgp-outbox.c); the recipient has no use for them.
	 */
	camel_medium_remove_header(CAMEL_MEDIUM(message), "Resent-From");
	camel_medium_remove_header(CAMEL_MEDIUM(message), "Resent-Bcc");
	/* It left before a crash, and Evolution only forgot to take it out of its outbox. */
	gboolean sent = sgp_left_copies_contain(copy);
	if (!sent) {
		sent = send_by_class(original, transport, message, from, recipients,
			out_sent_message_saved, cancellable, error);
		if (sent)
			sgp_left_copies_add(copy);
	}
	/* The agent made one copy for the Sent folder, readable by the sender. Without this
	 * Evolution would keep each copy again. */
	if (sent && out_sent_message_saved != NULL)
		*out_sent_message_saved = TRUE;
	return sent;
}

static gboolean guarded_send_to_sync(CamelTransport *transport, CamelMimeMessage *message,
	CamelAddress *from, CamelAddress *recipients, gboolean *out_sent_message_saved,
	GCancellable *cancellable, GError **error)
{
	const Sending *outer = g_private_get(&inside);
	if (outer != NULL && outer->message == message) {
		/* A class that was guarded chains up to a parent that was guarded too: the question
		 * was answered already. */
		SendToSync parent = find_original(g_type_parent(outer->type));
		g_return_val_if_fail(parent != NULL, FALSE);
		return parent(transport, message, from, recipients, out_sent_message_saved,
			cancellable, error);
	}
	SendToSync original = find_original(G_OBJECT_TYPE(transport));
	if (original == NULL)
		return refuse("not-sealed", error);
	g_autofree char *copy =
		g_strdup(camel_medium_get_header(CAMEL_MEDIUM(message), SGP_COPY_HEADER));
	if (copy != NULL)
		g_strstrip(copy);
	if (!may_leave(copy, message, recipients, cancellable, error))
		return FALSE;
	if (copy == NULL || *copy == '\0')
		return send_by_class(original, transport, message, from, recipients,
			out_sent_message_saved, cancellable, error);
	return send_sealed(original, copy, transport, message, from, recipients,
		out_sent_message_saved, cancellable, error);
}

static void guard_class(GType type)
{
	CamelTransportClass *klass =
		g_type_class_ref(type); /* never unreferenced: the class must stay as we left it */
	g_mutex_lock(&lock);
	if (klass->send_to_sync != guarded_send_to_sync) {
		g_hash_table_insert(
			originals, GSIZE_TO_POINTER(type), (gpointer)klass->send_to_sync);
		klass->send_to_sync = guarded_send_to_sync;
	}
	g_mutex_unlock(&lock);
}

static CamelService *guarded_add_service(CamelSession *session, const char *uid,
	const char *protocol, CamelProviderType type, GError **error)
{
	CamelService *service = original_add_service(session, uid, protocol, type, error);
	if (CAMEL_IS_TRANSPORT(service))
		guard_class(G_OBJECT_TYPE(service));
	return service;
}

void sgp_transport_guard_install(CamelSession *session)
{
	GType type = G_OBJECT_TYPE(session);
	CamelSessionClass *klass = CAMEL_SESSION_GET_CLASS(session);
	if (originals == NULL)
		originals = g_hash_table_new(NULL, NULL);
	if (klass->add_service != guarded_add_service) {
		/* One mail program has one class of session; a second one would need a table of its
		 * own. */
		if (guarded_session_type != 0 && guarded_session_type != type)
			g_warning("A second class of mail session: its transports are guarded as "
				  "they are now only");
		else {
			original_add_service = klass->add_service;
			klass->add_service = guarded_add_service;
			guarded_session_type = type;
		}
	}
	GList *services = camel_session_list_services(session);
	for (GList *link = services; link != NULL; link = link->next)
		if (CAMEL_IS_TRANSPORT(link->data))
			guard_class(G_OBJECT_TYPE(link->data));
	g_list_free_full(services, g_object_unref);
}

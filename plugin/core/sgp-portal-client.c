/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The staff API of PROTOCOL.md, call by call: it owns what a request and its answer look like, and
 * a short memory of the directory and the limits. It never decides a channel, keeps no secret, and
 * never takes "no answer" for an answer. */

#include "sgp-portal-client.h"
#include "sgp-error.h"
#include "sgp-portal-client-private.h"
#include "sgp-protocol.h"

#include <string.h>

#define DIRECTORY_SECONDS 60
#define LIMITS_SECONDS    600

typedef struct {
	SgpPortalMailbox *mailbox; /* (owned) */
	gint64 until;              /* monotonic, microseconds */
} DirectoryEntry;

struct _SgpPortalClient {
	GObject parent_instance;
	SgpPortalTransport *transport; /* (owned) */
	GMutex lock;
	GHashTable *directory; /* (owned) address -> DirectoryEntry */
	SgpPortalLimits limits;
	gint64 limits_until; /* monotonic; 0: not known */
	gboolean is_revoked;
};

G_DEFINE_TYPE(SgpPortalClient, sgp_portal_client, G_TYPE_OBJECT)

static void directory_entry_free(DirectoryEntry *entry)
{
	sgp_portal_mailbox_free(entry->mailbox);
	g_free(entry);
}

static gboolean is_loopback(const char *host)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	return address ? g_inet_address_get_is_loopback(address)
		       : g_ascii_strcasecmp(host, "localhost") == 0;
}

char *sgp_portal_origin_normalize(const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	const char *scheme = uri ? g_uri_get_scheme(uri) : NULL;
	const char *host = uri ? g_uri_get_host(uri) : NULL;
	const char *path = uri ? g_uri_get_path(uri) : "";

	if (!host || host[0] == '\0' || g_uri_get_userinfo(uri) || g_uri_get_query(uri) ||
		g_uri_get_fragment(uri) || (path[0] != '\0' && !g_str_equal(path, "/")) ||
		(!g_str_equal(scheme, "https") && !g_str_equal(scheme, "http"))) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"not the address of a portal: https://HOST is expected");
		return NULL;
	}
	if (g_str_equal(scheme, "http") && !is_loopback(host)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"a portal on another machine needs https");
		return NULL;
	}
	g_autofree char *lower = g_ascii_strdown(host, -1);
	g_autofree char *bracketed =
		strchr(lower, ':') ? g_strdup_printf("[%s]", lower) : g_strdup(lower);

	return g_uri_get_port(uri) > 0
		       ? g_strdup_printf("%s://%s:%d", scheme, bracketed, g_uri_get_port(uri))
		       : g_strdup_printf("%s://%s", scheme, bracketed);
}

SgpPortalClient *sgp_portal_client_new(
	const char *origin, const char *device_token, const char *ca_file)
{
	SgpPortalClient *self = g_object_new(SGP_TYPE_PORTAL_CLIENT, NULL);

	self->transport = sgp_portal_transport_new(origin, device_token, ca_file);
	return self;
}

const char *sgp_portal_client_get_origin(SgpPortalClient *self)
{
	return sgp_portal_transport_get_origin(self->transport);
}

gboolean sgp_portal_client_is_revoked(SgpPortalClient *self)
{
	g_mutex_lock(&self->lock);
	gboolean is_revoked = self->is_revoked;

	g_mutex_unlock(&self->lock);
	return is_revoked;
}

/* One authorised call whose answer must be 2xx. Without a token the keyring did not give it: that
 * is "locked", and whoever asked knows that it does not know. */
SgpPortalReply *sgp_portal_client_call(SgpPortalClient *self, const SgpPortalRequest *request,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalReply) reply = NULL;

	if (!sgp_portal_transport_has_token(self->transport)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED,
			"the device token is locked in the keyring");
		return NULL;
	}
	reply = sgp_portal_transport_send_sync(self->transport, request, cancellable, error);
	if (!reply)
		return NULL;
	g_mutex_lock(&self->lock);
	self->is_revoked = reply->has_problem && reply->problem == SGP_PROBLEM_DEVICE_REVOKED;
	if (self->is_revoked) { /* what it was told before is not its any more */
		g_hash_table_remove_all(self->directory);
		self->limits_until = 0;
	}
	g_mutex_unlock(&self->lock);
	return sgp_portal_reply_check(reply, error) ? g_steal_pointer(&reply) : NULL;
}

/* As sgp_portal_client_call(), for calls whose answer is a JSON object. */
static JsonObject *call_json(SgpPortalClient *self, const SgpPortalRequest *request,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalReply) reply = sgp_portal_client_call(self, request, cancellable, error);

	if (!reply)
		return NULL;
	if (!reply->json)
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the portal's answer is no JSON object");
	return g_steal_pointer(&reply->json);
}

static JsonArray *get_array(JsonObject *object, const char *name, GError **error)
{
	JsonNode *node = json_object_get_member(object, name);

	if (node && JSON_NODE_HOLDS_ARRAY(node))
		return json_node_get_array(node);
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal's answer is incomplete");
	return NULL;
}

static JsonObject *get_element(JsonArray *array, guint index)
{
	JsonNode *node = json_array_get_element(array, index);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* Directory */

static SgpPortalMailbox *copy_mailbox(const SgpPortalMailbox *from)
{
	SgpPortalMailbox *to = sgp_portal_mailbox_new(from->address, from->state);

	g_free(to->handle);
	to->handle = g_strdup(from->handle);
	to->generation = from->generation;
	to->language = g_strdup(from->language);
	to->mailbox_key = g_strdup(from->mailbox_key);
	to->escrow = g_strdup(from->escrow);
	to->signature_key = g_strdup(from->signature_key);
	to->signature_mac = g_strdup(from->signature_mac);
	to->invitation_expires = from->invitation_expires;
	for (guint i = 0; i < from->keys->len; i++)
		g_ptr_array_add(to->keys, sgp_deposited_key_copy(g_ptr_array_index(from->keys, i)));
	return to;
}

/* A portal that is older gives none. More than a customer can deposit are a portal's own: they are
 * not looked at. */
static void parse_deposited_keys(JsonObject *row, SgpPortalMailbox *mailbox)
{
	JsonNode *node = json_object_get_member(row, "keys");
	JsonArray *list = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; list && i < json_array_get_length(list); i++) {
		JsonObject *one = get_element(list, i);
		const char *kind = one ? sgp_protocol_get_text(one, "kind") : NULL;
		const char *key = one ? sgp_protocol_get_text(one, "key") : NULL;
		const char *signature = one ? sgp_protocol_get_text(one, "signature") : NULL;

		if (kind && key && mailbox->keys->len < SGP_DEPOSITED_KEYS_LIMIT)
			g_ptr_array_add(mailbox->keys, sgp_deposited_key_new(kind, key, signature));
	}
}

/* A row must be about the address that was asked for: else a server could show one customer's key
 * for another. */
static SgpPortalMailbox *parse_mailbox(JsonObject *row, const char *address, GError **error)
{
	const char *handle = row ? sgp_protocol_get_text(row, "handle") : NULL;
	const char *word = row ? sgp_protocol_get_text(row, "state") : NULL;
	SgpMailboxState state = SGP_MAILBOX_STATE_UNKNOWN;

	if (!handle || !sgp_protocol_is_handle(handle) || !word ||
		g_strcmp0(sgp_protocol_get_text(row, "address"), address) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the directory's answer is about somebody else");
		return NULL;
	}
	if (!sgp_mailbox_state_from_nick(word, &state))
		state = SGP_MAILBOX_STATE_UNKNOWN;
	SgpPortalMailbox *mailbox = sgp_portal_mailbox_new(address, state);

	mailbox->handle = g_strdup(handle);
	mailbox->language = g_strdup(sgp_protocol_get_text(row, "language"));
	mailbox->mailbox_key = g_strdup(sgp_protocol_get_text(row, "mailbox_key"));
	mailbox->escrow = g_strdup(sgp_protocol_get_text(row, "escrow"));
	mailbox->signature_key = g_strdup(sgp_protocol_get_text(row, "signature_key"));
	mailbox->signature_mac = g_strdup(sgp_protocol_get_text(row, "signature_mac"));
	sgp_protocol_get_integer(row, "generation", &mailbox->generation);
	sgp_protocol_get_integer(row, "invitation_expires", &mailbox->invitation_expires);
	parse_deposited_keys(row, mailbox);
	return mailbox;
}

static gboolean remember_rows(
	SgpPortalClient *self, JsonArray *rows, GPtrArray *addresses, GError **error)
{
	if (json_array_get_length(rows) != addresses->len) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the directory answered for another number of addresses");
		return FALSE;
	}
	for (guint i = 0; i < addresses->len; i++) {
		const char *address = g_ptr_array_index(addresses, i);
		SgpPortalMailbox *mailbox = parse_mailbox(get_element(rows, i), address, error);

		if (!mailbox)
			return FALSE;
		DirectoryEntry *entry = g_new0(DirectoryEntry, 1);

		entry->mailbox = mailbox;
		entry->until = g_get_monotonic_time() + (gint64)DIRECTORY_SECONDS * G_USEC_PER_SEC;
		g_mutex_lock(&self->lock);
		g_hash_table_replace(self->directory, g_strdup(address), entry);
		g_mutex_unlock(&self->lock);
	}
	return TRUE;
}

static gboolean ask_directory(SgpPortalClient *self, GPtrArray *addresses, guint timeout_ms,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();
	JsonArray *list = json_array_new();

	for (guint i = 0; i < addresses->len; i++)
		json_array_add_string_element(list, g_ptr_array_index(addresses, i));
	json_object_set_array_member(body, "addresses", list);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "POST";
	request.path = "/api/v1/directory:lookup";
	request.json = body;
	request.timeout_ms = timeout_ms;
	g_autoptr(JsonObject) answer = call_json(self, &request, cancellable, error);
	JsonArray *rows = answer ? get_array(answer, "customers", error) : NULL;

	return rows && remember_rows(self, rows, addresses, error);
}

/* What is remembered of the address and still holds. (transfer full) (nullable) */
static SgpPortalMailbox *recall(SgpPortalClient *self, const char *address)
{
	g_mutex_lock(&self->lock);
	DirectoryEntry *entry = g_hash_table_lookup(self->directory, address);
	SgpPortalMailbox *mailbox = entry && entry->until > g_get_monotonic_time()
					    ? copy_mailbox(entry->mailbox)
					    : NULL;

	g_mutex_unlock(&self->lock);
	return mailbox;
}

GPtrArray *sgp_portal_client_lookup_sync(SgpPortalClient *self, const char *const *addresses,
	guint timeout_ms, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) answer =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_mailbox_free);
	g_autoptr(GPtrArray) missing = g_ptr_array_new();

	for (gsize i = 0; addresses[i]; i++) {
		g_autoptr(SgpPortalMailbox) known = recall(self, addresses[i]);

		if (!known)
			g_ptr_array_add(missing, (gpointer)addresses[i]);
		if (missing->len == SGP_PROTOCOL_LOOKUP_LIMIT ||
			(!addresses[i + 1] && missing->len > 0)) {
			if (!ask_directory(self, missing, timeout_ms, cancellable, error))
				return NULL;
			g_ptr_array_set_size(missing, 0);
		}
	}
	for (gsize i = 0; addresses[i]; i++) {
		SgpPortalMailbox *mailbox = recall(self, addresses[i]);

		if (!mailbox) { /* forgotten meanwhile, by an event */
			g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
				"the directory changed while it was read");
			return NULL;
		}
		g_ptr_array_add(answer, mailbox);
	}
	return g_steal_pointer(&answer);
}

void sgp_portal_client_forget(SgpPortalClient *self, const char *address)
{
	g_mutex_lock(&self->lock);
	if (address)
		g_hash_table_remove(self->directory, address);
	else
		g_hash_table_remove_all(self->directory);
	g_mutex_unlock(&self->lock);
}

/* Office and limits */

static SgpPortalOffice *load_office(
	SgpPortalClient *self, guint timeout_ms, GCancellable *cancellable, GError **error)
{
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "GET";
	request.path = "/api/v1/office";
	request.timeout_ms = timeout_ms;
	g_autoptr(JsonObject) answer = call_json(self, &request, cancellable, error);
	g_autoptr(SgpPortalOffice) office = answer ? sgp_portal_office_parse(answer, error) : NULL;

	if (office) {
		g_mutex_lock(&self->lock);
		self->limits.attachment = office->attachment_limit;
		self->limits.message = office->message_limit;
		self->limits_until =
			g_get_monotonic_time() + (gint64)LIMITS_SECONDS * G_USEC_PER_SEC;
		g_mutex_unlock(&self->lock);
	}
	return g_steal_pointer(&office);
}

SgpPortalOffice *sgp_portal_client_load_office_sync(
	SgpPortalClient *self, GCancellable *cancellable, GError **error)
{
	return load_office(self, 0, cancellable, error);
}

gboolean sgp_portal_client_lookup_limits_sync(SgpPortalClient *self, guint timeout_ms,
	SgpPortalLimits *limits, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalOffice) office = NULL;
	gboolean known;

	g_mutex_lock(&self->lock);
	known = self->limits_until > g_get_monotonic_time();
	if (known)
		*limits = self->limits;
	g_mutex_unlock(&self->lock);
	if (known)
		return TRUE;
	office = load_office(self, timeout_ms, cancellable, error);
	if (!office)
		return FALSE;
	limits->attachment = office->attachment_limit;
	limits->message = office->message_limit;
	return TRUE;
}

/* Sealing adds packet headers and one encrypted session key per reader: less than 4 KiB plus 0.1 %.
 */
static gint64 sealed_size(gint64 size)
{
	return size + size / 1024 + 4096;
}

gboolean sgp_portal_limits_fit(const SgpPortalLimits *limits, const gint64 *attachment_sizes,
	gsize n, gint64 body, gint64 *too_large_size)
{
	gint64 total = sealed_size(body) + SGP_PROTOCOL_MANIFEST_LIMIT;
	gint64 wrong = sealed_size(body) > limits->attachment ? body : -1;

	for (gsize i = 0; i < n; i++) {
		if (sealed_size(attachment_sizes[i]) > limits->attachment)
			wrong = MAX(wrong, attachment_sizes[i]);
		total += sealed_size(attachment_sizes[i]);
	}
	if (wrong < 0 && total > limits->message)
		wrong = total;
	if (wrong >= 0 && too_large_size)
		*too_large_size = wrong;
	return wrong < 0;
}

gboolean sgp_portal_client_put_roster_sync(SgpPortalClient *self, const SgpPortalRoster *roster,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = sgp_portal_roster_dup_json(roster);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "PUT";
	request.path = "/api/v1/roster";
	request.json = body;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	return reply != NULL;
}

/* Enrolment: before there is a device token. */

void sgp_portal_invitation_free(SgpPortalInvitation *self)
{
	g_free(self->staff_address);
	g_free(self->staff_name);
	g_free(self->office_name);
	g_free(self->office_origin);
	g_free(self->office_key);
	g_free(self);
}

static JsonObject *call_open(SgpPortalClient *self, const char *path, JsonObject *body,
	GCancellable *cancellable, GError **error)
{
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "POST";
	request.path = path;
	request.json = body;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_transport_send_sync(self->transport, &request, cancellable, error);

	if (!reply || !sgp_portal_reply_check(reply, error))
		return NULL;
	if (!reply->json)
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the portal's answer is no JSON object");
	return g_steal_pointer(&reply->json);
}

SgpPortalInvitation *sgp_portal_client_check_token_sync(
	SgpPortalClient *self, const char *token, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();

	sgp_protocol_set_text(body, "token", token);
	g_autoptr(JsonObject) answer =
		call_open(self, "/api/v1/devices:check", body, cancellable, error);

	if (!answer)
		return NULL;
	JsonNode *staff = json_object_get_member(answer, "staff");
	JsonNode *office = json_object_get_member(answer, "office");
	g_autoptr(SgpPortalInvitation) invitation = g_new0(SgpPortalInvitation, 1);

	if (staff && JSON_NODE_HOLDS_OBJECT(staff) && office && JSON_NODE_HOLDS_OBJECT(office)) {
		JsonObject *who = json_node_get_object(staff),
			   *where = json_node_get_object(office);

		invitation->staff_address = g_strdup(sgp_protocol_get_text(who, "address"));
		invitation->staff_name = g_strdup(sgp_protocol_get_text(who, "name"));
		invitation->office_name = g_strdup(sgp_protocol_get_text(where, "name"));
		invitation->office_origin = g_strdup(sgp_protocol_get_text(where, "origin"));
		invitation->office_key = g_strdup(sgp_protocol_get_text(where, "key"));
	}
	if (invitation->staff_address && invitation->office_name && invitation->office_origin)
		return g_steal_pointer(&invitation);
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal's answer is incomplete");
	return NULL;
}

char *sgp_portal_client_enrol_sync(SgpPortalClient *self, const char *token,
	const char *device_name, const char *staff_key, const char *office_key,
	const SgpPortalRoster *roster, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();

	sgp_protocol_set_text(body, "token", token);
	sgp_protocol_set_text(body, "device_name", device_name);
	sgp_protocol_set_text(body, "staff_key", staff_key);
	sgp_protocol_set_text(body, "office_key", office_key);
	if (roster)
		json_object_set_object_member(body, "roster", sgp_portal_roster_dup_json(roster));
	else
		json_object_set_null_member(body, "roster");
	g_autoptr(JsonObject) answer =
		call_open(self, "/api/v1/devices:enrol", body, cancellable, error);
	const char *device_token = answer ? sgp_protocol_get_text(answer, "device_token") : NULL;

	if (answer && !device_token)
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal gave no device token");
	return g_strdup(device_token);
}

/* Customers */

static const char *path_of_inviting(SgpInviting inviting)
{
	switch (inviting) {
	case SGP_INVITING_FIRST:
		return "";
	case SGP_INVITING_RENEWAL:
		return ":renew-invitation";
	case SGP_INVITING_RESET:
		return ":reset";
	}
	return "";
}

gboolean sgp_portal_client_put_customer_sync(SgpPortalClient *self,
	const SgpPortalCustomer *customer, gint64 *expires, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();
	g_autofree char *path = g_strconcat(
		"/api/v1/customers/", customer->handle, path_of_inviting(customer->inviting), NULL);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;
	gint64 until = 0;

	sgp_protocol_set_text(body, "address", customer->address);
	json_object_set_int_member(body, "generation", customer->generation);
	sgp_protocol_set_text(body, "language", customer->language);
	sgp_protocol_set_text(body, "mailbox_key", customer->mailbox_key);
	sgp_protocol_set_b64u(body, "code_wrap", customer->code_wrap);
	sgp_protocol_set_b64u(body, "salt", customer->salt);
	sgp_protocol_set_b64u(body, "auth_hash", customer->auth_hash);
	sgp_protocol_set_text(body, "escrow", customer->escrow);
	if (customer->inviting == SGP_INVITING_RESET)
		sgp_protocol_set_text(body, "identity_record", customer->identity_record);
	request.method = customer->inviting == SGP_INVITING_FIRST ? "PUT" : "POST";
	request.path = path;
	request.json = body;
	g_autoptr(JsonObject) answer = call_json(self, &request, cancellable, error);

	sgp_portal_client_forget(self, customer->address);
	if (!answer)
		return FALSE;
	if (!sgp_protocol_get_integer(answer, "expires", &until)) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_FAILED, "the portal's answer is incomplete");
		return FALSE;
	}
	*expires = until;
	return TRUE;
}

static void sgp_portal_client_finalize(GObject *object)
{
	SgpPortalClient *self = SGP_PORTAL_CLIENT(object);

	g_clear_pointer(&self->transport, sgp_portal_transport_free);
	g_hash_table_unref(self->directory);
	g_mutex_clear(&self->lock);
	G_OBJECT_CLASS(sgp_portal_client_parent_class)->finalize(object);
}

static void sgp_portal_client_class_init(SgpPortalClientClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_portal_client_finalize;
}

static void sgp_portal_client_init(SgpPortalClient *self)
{
	g_mutex_init(&self->lock);
	self->directory = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)directory_entry_free);
}

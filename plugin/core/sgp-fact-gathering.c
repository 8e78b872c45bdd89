/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions that may hang: keys, portal and provider, each in a thread of a pool, with a limit.
 * Owns what late answers are written to, so that nobody waits for them; a late answer changes
 * nothing that was decided. */
#include "sgp-fact-gathering-private.h"

#include <string.h>

#include "sgp-policy.h"

#define PORTAL_LIMIT_MS 3000
#define MAX_THREADS     16
#define MAX_PROBES      8

/* Shared by the asker and the threads that answer; whoever is last frees it. */
typedef struct {
	gatomicrefcount refs;
	GMutex lock;
	GCond changed;
	guint keys_pending, portal_pending, transport_pending; /* under the lock */
	gboolean is_cancelled;            /* under the lock: the asker's cancellable */
	GCancellable *portal_cancellable; /* (owned) */
	GCancellable *keys_cancellable;   /* (owned) */
	SgpKeyLookup *keys;               /* (owned) */
	SgpPortalClient *portal;          /* (owned) (nullable) */
	SgpTransportProbe *probe;         /* (owned) (nullable) */
	gint64 now;
	GStrv addresses; /* (owned) one per recipient; "" is not asked about */
	GStrv domains;   /* (owned) one per recipient; "" where transport does not matter */
	SgpKnowledge *transports; /* (owned) under the lock */
	SgpKeyAnswer **answers;   /* (owned) under the lock; NULL until it came */
	guint n_addresses;
	GPtrArray *mailboxes;   /* (owned) (nullable) under the lock */
	SgpPortalLimits limits; /* under the lock; set where mailboxes is */
} Gathering;

typedef enum {
	TASK_KEYS = 0,
	TASK_PORTAL,
	TASK_TRANSPORT,
} TaskKind;

typedef struct {
	Gathering *gathering; /* (owned) */
	TaskKind kind;
	guint recipient;
} Task;

static void gathering_unref(Gathering *self)
{
	if (!g_atomic_ref_count_dec(&self->refs))
		return;
	for (guint i = 0; i < self->n_addresses; i++)
		g_clear_pointer(&self->answers[i], sgp_key_answer_free);
	g_free(self->answers);
	g_strfreev(self->addresses);
	g_strfreev(self->domains);
	g_free(self->transports);
	g_clear_object(&self->probe);
	g_clear_pointer(&self->mailboxes, g_ptr_array_unref);
	g_clear_object(&self->keys);
	g_clear_object(&self->portal);
	g_clear_object(&self->portal_cancellable);
	g_clear_object(&self->keys_cancellable);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	g_free(self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gathering, gathering_unref)

static void push(Gathering *self, TaskKind kind, guint recipient);

/* is_asked: it was pending. */
static void take_transport(Gathering *self, guint recipient, SgpKnowledge answer, gboolean is_asked)
{
	g_mutex_lock(&self->lock);
	self->transports[recipient] = answer;
	if (is_asked)
		self->transport_pending--;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

static void start_transport(Gathering *self, guint recipient)
{
	g_mutex_lock(&self->lock);
	self->transport_pending++;
	g_mutex_unlock(&self->lock);
	push(self, TASK_TRANSPORT, recipient);
}

static void ask_transport(Gathering *self, guint recipient)
{
	/* Nobody cancels it: what comes too late for this mail is remembered for the next one. */
	SgpKnowledge answer = sgp_transport_probe_lookup_sync(
		self->probe, self->domains[recipient], self->now, NULL);
	take_transport(self, recipient, answer, TRUE);
}

/* Who can be written to end to end needs no provider; where the keys are unknown the ladder does
 * not step down to it. Neither is anybody's business in DNS. */
static gboolean has_no_usable_key(const SgpKeyAnswer *answer)
{
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);
		if (key->state == SGP_KEY_STATE_USABLE)
			return FALSE;
	}
	return answer->is_known;
}

static void ask_keys(Gathering *self, guint recipient)
{
	SgpKeyAnswer *answer = sgp_key_lookup_run(
		self->keys, self->addresses[recipient], self->now, self->keys_cancellable);
	if (*self->domains[recipient] != '\0') {
		SgpKnowledge known = sgp_transport_probe_get_known(
			self->probe, self->domains[recipient], self->now);
		if (known == SGP_KNOWLEDGE_UNKNOWN && has_no_usable_key(answer))
			start_transport(self, recipient);
		else
			take_transport(self, recipient, known, FALSE);
	}
	g_mutex_lock(&self->lock);
	self->answers[recipient] = answer;
	self->keys_pending--;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

static void ask_portal(Gathering *self)
{
	g_autoptr(GPtrArray) asked = g_ptr_array_new();
	for (guint i = 0; i < self->n_addresses; i++) {
		if (*self->addresses[i] != '\0')
			g_ptr_array_add(asked, self->addresses[i]);
	}
	g_ptr_array_add(asked, NULL);
	/* An error is "could not look": the mailboxes stay unknown, and so they do where the limits
	 * are. */
	SgpPortalLimits limits = { 0 };
	gint64 end = g_get_monotonic_time() + PORTAL_LIMIT_MS * (gint64)1000;
	GPtrArray *mailboxes = sgp_portal_client_lookup_sync(self->portal,
		(const char *const *)asked->pdata, PORTAL_LIMIT_MS, self->portal_cancellable, NULL);
	gint64 left_ms = MAX((end - g_get_monotonic_time()) / 1000, 1);
	if (mailboxes != NULL && !sgp_portal_client_lookup_limits_sync(self->portal, (guint)left_ms,
					 &limits, self->portal_cancellable, NULL))
		g_clear_pointer(&mailboxes, g_ptr_array_unref);
	g_mutex_lock(&self->lock);
	self->mailboxes = mailboxes;
	self->limits = limits;
	self->portal_pending--;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

static void run_task(gpointer data, gpointer user_data)
{
	Task *task = data;
	switch (task->kind) {
	case TASK_KEYS:
		ask_keys(task->gathering, task->recipient);
		break;
	case TASK_PORTAL:
		ask_portal(task->gathering);
		break;
	case TASK_TRANSPORT:
		ask_transport(task->gathering, task->recipient);
		break;
	}
	gathering_unref(task->gathering);
	g_free(task);
}

static GThreadPool *get_pool(void)
{
	static gsize ready = 0;
	static GThreadPool *pool;
	if (g_once_init_enter(&ready)) {
		/* Shared threads: they stay alive between assessments, so nothing is started while
		 * typing. */
		pool = g_thread_pool_new(run_task, NULL, MAX_THREADS, FALSE, NULL);
		g_once_init_leave(&ready, 1);
	}
	return pool;
}

/* Apart: a provider that does not answer must not keep the keys of others waiting. */
static GThreadPool *get_probe_pool(void)
{
	static gsize ready = 0;
	static GThreadPool *pool;
	if (g_once_init_enter(&ready)) {
		pool = g_thread_pool_new(run_task, NULL, MAX_PROBES, FALSE, NULL);
		g_once_init_leave(&ready, 1);
	}
	return pool;
}

static void push(Gathering *self, TaskKind kind, guint recipient)
{
	Task *task = g_new0(Task, 1);
	g_atomic_ref_count_inc(&self->refs);
	task->gathering = self;
	task->kind = kind;
	task->recipient = recipient;
	g_thread_pool_push(kind == TASK_TRANSPORT ? get_probe_pool() : get_pool(), task, NULL);
}

/* Mail inside the own mail system needs neither keys nor portal, unless it is to be encrypted. */
static gboolean is_asked_about(const SgpFacts *facts, const SgpRecipientFacts *recipient)
{
	return facts->settings.internal_encryption != SGP_INTERNAL_ENCRYPTION_NEVER ||
	       !sgp_policy_settings_is_internal(&facts->settings, recipient->address);
}

static gboolean is_transport_open(const SgpRecipientVerdict *verdict)
{
	for (guint i = 0; i < verdict->not_stronger->len; i++) {
		const SgpNotStronger *one = g_ptr_array_index(verdict->not_stronger, i);
		if (one->channel == SGP_CHANNEL_TRANSPORT && g_str_equal(one->reason, "unknown"))
			return verdict->basis_refusal == SGP_REFUSAL_NONE;
	}
	return FALSE;
}

/* For whom the provider is asked: those for whom the rule itself, knowing nothing yet, would look
 * at the answer. So no DNS question ever tells of a customer under "strict", of protected content,
 * or of somebody who may not be written to. */
static void choose_domains(Gathering *self, const SgpFacts *facts, SgpTransportProbe *probe)
{
	gboolean is_offered = probe != NULL && facts->settings.has_verified_submission &&
			      facts->settings.profile == SGP_POLICY_PROFILE_BY_CLASS;
	g_autoptr(SgpVerdict) verdict = is_offered ? sgp_policy_decide(facts, self->now) : NULL;
	self->domains = g_new0(char *, self->n_addresses + 1);
	self->transports = g_new0(SgpKnowledge, self->n_addresses + 1);
	g_set_object(&self->probe, probe);
	for (guint i = 0; i < self->n_addresses; i++) {
		const SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		gboolean is_open = verdict != NULL && *self->addresses[i] != '\0' &&
				   is_transport_open(g_ptr_array_index(verdict->recipients, i));
		self->domains[i] = g_strdup(is_open ? sgp_address_get_domain(one->address) : "");
	}
}

static Gathering *gathering_new(const SgpFacts *facts, SgpKeyLookup *keys, SgpPortalClient *portal,
	SgpTransportProbe *probe, gint64 now)
{
	Gathering *self = g_new0(Gathering, 1);
	g_atomic_ref_count_init(&self->refs);
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
	self->portal_cancellable = g_cancellable_new();
	self->keys_cancellable = g_cancellable_new();
	self->keys = g_object_ref(keys);
	g_set_object(&self->portal, portal);
	self->now = now;
	self->n_addresses = facts->recipients->len;
	self->answers = g_new0(SgpKeyAnswer *, self->n_addresses + 1);
	self->addresses = g_new0(char *, self->n_addresses + 1);
	for (guint i = 0; i < self->n_addresses; i++) {
		const SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		gboolean is_asked = is_asked_about(facts, one);
		self->addresses[i] =
			g_strdup(is_asked ? sgp_address_get_addr_spec(one->address) : "");
		self->keys_pending += is_asked;
	}
	self->portal_pending = portal != NULL && self->keys_pending > 0;
	choose_domains(self, facts, probe);
	return self;
}

static void on_cancelled(GCancellable *cancellable, gpointer user_data)
{
	Gathering *self = user_data;
	g_mutex_lock(&self->lock);
	self->is_cancelled = TRUE;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

/* Until everything answered, or the last limit passed. Under the lock. */
static void wait_for_answers(Gathering *self)
{
	gint64 start = g_get_monotonic_time();
	gint64 keys_end = start + sgp_key_lookup_get_patience(self->keys) * (gint64)1000;
	gint64 portal_end = start + PORTAL_LIMIT_MS * (gint64)1000;
	gint64 transport_end = start;
	if (self->probe != NULL)
		transport_end += sgp_transport_probe_get_patience(self->probe) * (gint64)1000;
	for (;;) {
		gint64 now = g_get_monotonic_time();
		gint64 end = G_MAXINT64;
		if (self->keys_pending > 0 && now < keys_end)
			end = MIN(end, keys_end);
		if (self->portal_pending > 0 && now < portal_end)
			end = MIN(end, portal_end);
		if (self->transport_pending > 0 && now < transport_end)
			end = MIN(end, transport_end);
		if (self->is_cancelled || end == G_MAXINT64)
			return;
		g_cond_wait_until(&self->changed, &self->lock, end);
	}
}

static const SgpPortalMailbox *find_mailbox(const GPtrArray *mailboxes, const char *address)
{
	for (guint i = 0; mailboxes != NULL && i < mailboxes->len; i++) {
		const SgpPortalMailbox *mailbox = g_ptr_array_index(mailboxes, i);
		if (g_strcmp0(mailbox->address, address) == 0)
			return mailbox;
	}
	return NULL;
}

static gboolean has_certificate(const SgpKeyAnswer *answer)
{
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);
		if (key->channel == SGP_CHANNEL_SMIME)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_too_large(const SgpMail *mail, const SgpPortalLimits *limits)
{
	gint64 body =
		(gint64)strlen(mail->text) + (mail->html != NULL ? (gint64)strlen(mail->html) : 0);
	g_autoptr(GArray) sizes = g_array_new(FALSE, FALSE, sizeof(gint64));
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		g_array_append_val(sizes, attachment->size);
	}
	return !sgp_portal_limits_fit(
		limits, (const gint64 *)(gpointer)sizes->data, sizes->len, body, NULL);
}

/* What came in time goes into the facts; the rest stays what a fresh record says: unknown. Under
 * the lock. */
static void take_answers(Gathering *self, SgpFacts *facts, const SgpMail *mail)
{
	facts->is_too_large_for_portal =
		self->mailboxes != NULL && is_too_large(mail, &self->limits);
	for (guint i = 0; i < facts->recipients->len; i++) {
		SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		/* Where the office has nothing that enforces TLS the rung is not offered; else
		 * what nobody could look up is unknown, and plain must not be stepped down to. */
		one->transport = facts->settings.has_verified_submission ? self->transports[i]
									 : SGP_KNOWLEDGE_NO;
		if (self->answers[i] != NULL) {
			sgp_key_answer_free(one->keys);
			one->keys = g_steal_pointer(&self->answers[i]);
			facts->has_smime = facts->has_smime || has_certificate(one->keys) ||
					   sgp_key_lookup_has_smime(self->keys);
		}
		const SgpPortalMailbox *mailbox =
			find_mailbox(self->mailboxes, sgp_address_get_addr_spec(one->address));
		if (mailbox != NULL)
			one->mailbox = mailbox->state;
	}
}

gboolean sgp_fact_gathering_run(SgpFacts *facts, const SgpMail *mail, SgpKeyLookup *keys,
	SgpPortalClient *portal, SgpTransportProbe *probe, gint64 now, GPtrArray **mailboxes,
	GCancellable *cancellable, GError **error)
{
	facts->has_portal = portal != NULL;
	g_autoptr(Gathering) self = gathering_new(facts, keys, portal, probe, now);
	gulong handler = cancellable != NULL ? g_cancellable_connect(cancellable,
						       G_CALLBACK(on_cancelled), self, NULL)
					     : 0;
	if (self->portal_pending > 0)
		push(self, TASK_PORTAL, 0);
	for (guint i = 0; i < self->n_addresses; i++) {
		if (*self->addresses[i] != '\0')
			push(self, TASK_KEYS, i);
	}
	g_mutex_lock(&self->lock);
	wait_for_answers(self);
	take_answers(self, facts, mail);
	*mailboxes = g_steal_pointer(&self->mailboxes);
	g_mutex_unlock(&self->lock);
	/* Nobody waits for the portal any more. A keyring that is still being read is read to its
	 * end, or a slow one would never be known; only the user's own cancelling stops it. */
	g_cancellable_cancel(self->portal_cancellable);
	if (g_cancellable_is_cancelled(cancellable))
		g_cancellable_cancel(self->keys_cancellable);
	if (cancellable != NULL)
		g_cancellable_disconnect(cancellable, handler);
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* keys: which keys and certificates are known of a person, why each is used or not, what waits to
 * be accepted, and the acceptance. It owns how that is told; what a key is worth is the look-up's.
 * Only "lookup" may ask a domain's key directory, and only where the office trusts directories or
 * --wkd says so. */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"

#include <string.h>

static void add_key(JsonBuilder *out, const SgpKey *key)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "channel", sgp_channel_get_nick(key->channel));
	sgp_json_add_text(out, "fingerprint", key->fingerprint);
	sgp_json_add_text(out, "state", sgp_key_state_get_nick(key->state));
	sgp_json_add_text(out, "detail", key->detail);
	sgp_json_add_boolean(out, "verified", key->verified);
	sgp_json_add_text(out, "standing", sgp_key_standing_get_nick(key->standing));
	sgp_json_add_text(out, "origin", sgp_key_origin_get_nick(key->origin));
	sgp_json_add_date(out, "expires", key->expires);
	json_builder_end_object(out);
}

static void print_key(const SgpKey *key)
{
	g_print("%s %s: %s%s%s (%s)\n", sgp_cli_words_get_channel(key->channel), key->fingerprint,
		sgp_cli_words_get_key_state(key->state), key->detail ? ", " : "",
		key->detail ? sgp_cli_words_get_key_detail(key->detail) : "",
		sgp_cli_words_get_origin(key->origin));
}

static void print_answer(SgpCli *self, const SgpAddress *address, const SgpKeyAnswer *answer)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", sgp_address_get_addr_spec(address));
	sgp_json_add_boolean(out, "known", answer->is_known);
	sgp_json_add_boolean(
		out, "known_openpgp", sgp_key_answer_is_known(answer, SGP_CHANNEL_OPENPGP));
	sgp_json_add_boolean(
		out, "known_smime", sgp_key_answer_is_known(answer, SGP_CHANNEL_SMIME));
	json_builder_set_member_name(out, "keys");
	json_builder_begin_array(out);
	for (guint i = 0; i < answer->keys->len; i++) {
		add_key(out, g_ptr_array_index(answer->keys, i));
		if (!self->is_json)
			print_key(g_ptr_array_index(answer->keys, i));
	}
	json_builder_end_array(out);
	json_builder_end_object(out);
	if (self->is_json)
		sgp_cli_print_json(out);
	else if (answer->keys->len == 0 && answer->is_known)
		g_print(_("There is no key for this address.\n"));
}

static SgpExit keys_lookup(SgpCli *self, int argc, char **argv)
{
	gboolean asks_directory = FALSE;
	const GOptionEntry entries[] = {
		{ "wkd", 0, 0, G_OPTION_ARG_NONE, &asks_directory, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("keys lookup: ADDRESS is expected"));
	g_autoptr(SgpAddress) address = sgp_address_new(argv[1], &error);

	if (!address)
		return sgp_cli_fail(error);
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	SgpKeyLookup *keys = sgp_dispatcher_get_keys(self->dispatcher);
	const char *addr_spec = sgp_address_get_addr_spec(address);

	sgp_dispatcher_ask_key_directory_sync(
		self->dispatcher, addr_spec, asks_directory, self->now, NULL, &error);
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(keys, addr_spec, self->now, NULL);

	print_answer(self, address, answer);
	if (answer->is_known && !error)
		return SGP_EXIT_DONE;
	return error ? sgp_cli_fail(error)
		     : sgp_cli_fail_nick("unreachable",
			       _("not every keyring or key directory could be looked at"));
}

/* What waits. */

static void add_candidate(JsonBuilder *out, const SgpKeyCandidate *one, const SgpKey *key)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", one->addr_spec);
	sgp_json_add_text(out, "channel", sgp_channel_get_nick(key->channel));
	sgp_json_add_text(out, "fingerprint", key->fingerprint);
	sgp_json_add_text(out, "origin", sgp_key_origin_get_nick(one->origin));
	sgp_json_add_text(out, "state", sgp_key_state_get_nick(key->state));
	sgp_json_add_text(out, "detail", key->detail);
	sgp_json_add_date(out, "expires", key->expires);
	sgp_json_add_date(out, "first_seen", one->first_seen);
	sgp_json_add_date(out, "last_seen", one->last_seen);
	json_builder_end_object(out);
}

static void print_candidate(const SgpKeyCandidate *one, const SgpKey *key)
{
	g_autofree char *seen = sgp_cli_dup_time(one->last_seen);

	g_print("%s: %s %s: %s%s%s (%s, %s)\n", one->addr_spec,
		sgp_cli_words_get_channel(key->channel), key->fingerprint,
		sgp_cli_words_get_key_state(key->state), key->detail ? ", " : "",
		key->detail ? sgp_cli_words_get_key_detail(key->detail) : "",
		sgp_cli_words_get_origin(one->origin), seen);
}

/* NULL: it does not wait any more, for the keyring has it and it is used. */
static const SgpKey *find_waiting(const SgpKeyAnswer *answer, const char *fingerprint)
{
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);

		if (g_str_equal(key->fingerprint, fingerprint))
			return key->verified && key->state == SGP_KEY_STATE_USABLE ? NULL : key;
	}
	return NULL;
}

static SgpExit keys_candidates(SgpCli *self)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	SgpKeyLookup *keys = sgp_dispatcher_get_keys(self->dispatcher);
	g_autoptr(GPtrArray) all =
		sgp_key_candidates_list(sgp_key_lookup_get_candidates(keys), &error);
	guint n = 0;

	if (!all)
		return sgp_cli_fail(error);
	json_builder_begin_array(out);
	for (guint i = 0; i < all->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(all, i);
		g_autoptr(SgpKeyAnswer) answer =
			sgp_key_lookup_run(keys, one->addr_spec, self->now, NULL);
		const SgpKey *key = find_waiting(answer, one->record->fingerprint);

		if (!key)
			continue;
		n++;
		add_candidate(out, one, key);
		if (!self->is_json)
			print_candidate(one, key);
	}
	json_builder_end_array(out);
	if (self->is_json)
		sgp_cli_print_json(out);
	else if (n == 0)
		g_print(_("There is none.\n"));
	else
		g_print(_("Compare a key with its owner on the phone, then: siegelpost keys accept "
			  "FINGERPRINT --address ADDRESS\n"));
	return SGP_EXIT_DONE;
}

/* Staff verified it. */

/* fingerprint: as given, without blanks. */
static const SgpKey *find_key(const SgpKeyAnswer *answer, const char *fingerprint)
{
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);

		if (strcasestr(fingerprint, key->fingerprint))
			return key;
	}
	return NULL;
}

/* key: (nullable) it cannot be looked at now; the mark is there all the same. */
static void print_accepted(const char *addr_spec, const SgpKey *key)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_boolean(out, "done", TRUE);
	sgp_json_add_text(out, "address", addr_spec);
	json_builder_set_member_name(out, "key");
	if (key)
		add_key(out, key);
	else
		json_builder_add_null_value(out);
	json_builder_end_object(out);
	sgp_cli_print_json(out);
}

/* What came of it: a mark cures doubt and nothing else. */
static SgpExit say_accepted(SgpCli *self, const char *fingerprint, const char *text)
{
	g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);

	if (!address || !sgp_cli_open(self)) {
		if (self->is_json)
			print_accepted(text, NULL);
		return SGP_EXIT_DONE;
	}
	const char *addr_spec = sgp_address_get_addr_spec(address);
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(
		sgp_dispatcher_get_keys(self->dispatcher), addr_spec, self->now, NULL);
	const SgpKey *key = find_key(answer, fingerprint);
	g_auto(GStrv) trust = sgp_settings_dup_strv(self->settings, "openpgp-trust");

	if (self->is_json)
		print_accepted(addr_spec, key);
	else if (key && key->state == SGP_KEY_STATE_USABLE)
		g_print(_("This key counts for %s from now on.\n"), addr_spec);
	else if (key)
		print_key(key);
	if (key && key->channel == SGP_CHANNEL_OPENPGP &&
		(!trust || !g_strv_contains((const char *const *)trust, "marked")))
		g_printerr(_("siegelpost: but the office's settings do not count accepted keys "
			     "(openpgp-trust has no 'marked').\n"));
	return SGP_EXIT_DONE;
}

static SgpExit keys_accept(SgpCli *self, int argc, char **argv)
{
	g_autofree char *address = NULL;
	const GOptionEntry entries[] = {
		{ "address", 0, 0, G_OPTION_ARG_STRING, &address, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc < 2 || !address)
		return sgp_cli_usage(_("keys accept: FPR --address A is expected"));
	/* As programs show it, in groups of four; the shell makes words of them. */
	g_autofree char *fingerprint = g_strjoinv("", argv + 1);

	if (sgp_cli_uses_agent(self)) {
		g_autoptr(GVariant) answer = sgp_cli_call_agent(
			self, "AcceptKey", g_variant_new("(ss)", fingerprint, address));

		return answer ? say_accepted(self, fingerprint, address) : SGP_EXIT_FAILED;
	}
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	return sgp_key_lookup_accept(
		       sgp_dispatcher_get_keys(self->dispatcher), fingerprint, address, &error)
		       ? say_accepted(self, fingerprint, address)
		       : sgp_cli_fail(error);
}

SgpExit sgp_cli_keys(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "lookup"))
		return keys_lookup(self, argc - 1, argv + 1);
	if (argc == 2 && g_str_equal(argv[1], "candidates"))
		return keys_candidates(self);
	if (argc > 1 && g_str_equal(argv[1], "accept"))
		return keys_accept(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("keys: lookup ADDRESS, candidates, or accept FPR --address A, is "
			       "expected"));
}

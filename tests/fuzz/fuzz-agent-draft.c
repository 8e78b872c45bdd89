/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program on the user's bus gives to Assess and Prepare: a{sv}, in the form that the bus
 * lets through. What must hold: it is refused with an error, or the mail has whole addresses, each
 * Bcc once, and every key was understood. */
#include "sgp-agent-draft.h"

#include "fuzz.h"

static void check_mail(const SgpMail *mail)
{
	g_autoptr(GPtrArray) everybody = sgp_mail_get_recipients(mail);
	FUZZ_HOLDS(fuzz_is_text(mail->subject));
	for (guint i = 0; i < everybody->len; i++) {
		const SgpAddress *one = g_ptr_array_index(everybody, i);
		FUZZ_HOLDS(fuzz_is_one_line(sgp_address_get_addr_spec(one)));
	}
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *one = g_ptr_array_index(mail->attachments, i);
		FUZZ_HOLDS(one->size >= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GVariant) given =
		g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE_VARDICT, bytes, FALSE));
	/* The bus hands on nothing else. */
	g_autoptr(GVariant) normal = g_variant_get_normal_form(given);
	g_auto(GVariantDict) values = G_VARIANT_DICT_INIT(normal);
	g_auto(SgpAgentOptions) options = { 0 };
	g_autoptr(GError) error = NULL;
	if (!sgp_agent_options_parse(&options, &values, &error)) {
		FUZZ_HOLDS(error != NULL);
		return 0;
	}
	g_autoptr(SgpMail) mail = sgp_agent_draft_parse(&values, &options, &error);
	FUZZ_HOLDS((mail == NULL) == (error != NULL));
	if (mail != NULL)
		check_mail(mail);
	return 0;
}

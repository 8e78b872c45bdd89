/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a whole message once, for all that is ever asked about it. Owns what is read and in which
 * words it is kept; never touches the index (sgp-history-judge does), so that several can be read
 * at once. */
#include "sgp-mail-judgement.h"

#include <string.h>

static char *join_addresses(const GPtrArray *addresses)
{
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < addresses->len; i++) {
		g_string_append(out, i > 0 ? "," : "");
		g_string_append(out, sgp_address_get_addr_spec(g_ptr_array_index(addresses, i)));
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* How the mail itself was protected: the answer goes back the same way if it can. */
static SgpChannel protocol_of(const SgpMail *mail)
{
	const char *type = sgp_mail_get_header(mail, "Content-Type");
	if (type == NULL)
		type = mail->content_type;
	if (strcasestr(type, "pkcs7") != NULL)
		return SGP_CHANNEL_SMIME;
	return strcasestr(type, "application/pgp-") != NULL ? SGP_CHANNEL_OPENPGP
							    : SGP_CHANNEL_NONE;
}

SgpMailJudgement *sgp_mail_judgement_new(const SgpMail *mail)
{
	SgpMailJudgement *self = g_new0(SgpMailJudgement, 1);
	self->opt_out = sgp_inquiry_scan_opt_out(mail, &self->sentence);
	self->not_personal = sgp_inquiry_scan_not_personal(mail, FALSE);
	self->authentications = sgp_inquiry_scan_dup_authentications(mail);
	self->authors = join_addresses(mail->from);
	self->reply_to = join_addresses(mail->reply_to);
	self->date = sgp_inquiry_scan_date(mail);
	self->protocol = protocol_of(mail);
	return self;
}

void sgp_mail_judgement_free(SgpMailJudgement *self)
{
	if (self == NULL)
		return;
	g_free(self->sentence);
	g_free(self->authentications);
	g_free(self->authors);
	g_free(self->reply_to);
	g_free(self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the portal's mail server says. What must hold: a mail counts as sent without an error only,
 * and only to a server that said "2.." to its end; an error is text. */
#include "sgp-smtp.h"

#include "fuzz-peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzPeer *peer = fuzz_peer_get();
	g_autofree char *server = g_strdup_printf("127.0.0.1:%u", peer->port);
	SgpPortalConfig config = { .smtp = server };
	g_autoptr(GString) head = g_string_new("Subject: x\n\n.x\n");
	g_autoptr(GString) tail = g_string_new("");
	SgpLetter letter = { .sender = "a@b.example",
		.recipient = "c@d.example",
		.envelope_id = "0123456789abcdef0123",
		.head = head,
		.tail = tail };
	g_autoptr(GError) error = NULL;
	fuzz_peer_set(peer, "", data, size);
	SgpSmtpResult result = sgp_smtp_send_sync(&config, "portal.example", &letter, &error);
	FUZZ_HOLDS((result == SGP_SMTP_SENT) == (error == NULL));
	/* Greeting, EHLO, MAIL, RCPT, DATA and the end: six answers at the least. */
	guint n_lines = 0;
	for (size_t i = 0; i < size; i++)
		n_lines += data[i] == '\n';
	FUZZ_HOLDS(result != SGP_SMTP_SENT || n_lines >= 5);
	FUZZ_HOLDS(error == NULL || error->message != NULL);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a submission service says. What must hold: whatever it says, a mail is not given out as
 * taken unless it took the end of it after the commit; a recipient that was refused is not
 * accepted; no word of the server's is in an error. */
#include "sgp-error.h"
#include "sgp-submission.h"

#include <sys/mman.h>

#include "fuzz-peer.h"

static gboolean commit(gpointer user_data, GError **error)
{
	gboolean *is_committed = user_data;
	FUZZ_HOLDS(!*is_committed);
	*is_committed = TRUE;
	return TRUE;
}

static int get_mail(void)
{
	static const char text[] = "From: a@b.example\r\n\r\n.x\r\n";
	static int fd = -1;
	if (fd < 0) {
		fd = memfd_create("mail", MFD_CLOEXEC);
		FUZZ_HOLDS(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	}
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const recipients[] = { "c@d.example", "e@f.example", NULL };
	FuzzPeer *peer = fuzz_peer_get();
	SgpSubmissionAnswer answers[2] = { SGP_SUBMISSION_UNKNOWN, SGP_SUBMISSION_UNKNOWN };
	gboolean is_committed = FALSE;
	SgpSubmissionService service = { .host = "127.0.0.1", .port = peer->port };
	SgpSubmissionMail mail = { .from = "a@b.example",
		.recipients = recipients,
		.fd = get_mail(),
		.commit = commit,
		.commit_data = &is_committed,
		.answers = answers };
	g_autoptr(GError) error = NULL;
	fuzz_peer_set(peer, "", data, size);
	gboolean is_taken = sgp_submission_send_sync(&service, &mail, NULL, &error);
	FUZZ_HOLDS(is_taken == (error == NULL));
	FUZZ_HOLDS(!is_taken || is_committed);
	FUZZ_HOLDS(!mail.is_open || (is_committed && !is_taken));
	FUZZ_HOLDS(!is_taken || answers[0] == SGP_SUBMISSION_ACCEPTED ||
		   answers[1] == SGP_SUBMISSION_ACCEPTED);
	if (error != NULL)
		FUZZ_HOLDS(fuzz_is_text(error->message) && fuzz_is_one_line(error->message));
	return 0;
}

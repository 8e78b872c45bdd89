/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says that mails wait for the portal, why, and whether anybody has to do something. */
#include "sgp-waiting-words.h"

#include <glib/gi18n-lib.h>

static const struct {
	const char *state;
	const char *words;
} reasons[] = {
	{ "unreachable", N_("The WebMail portal cannot be reached. Nothing is lost: delivery goes "
			    "on by itself "
			    "as soon as it is back.") },
	{ "locked",
		N_("The keyring is locked. Please unlock it, then delivery goes on by itself.") },
	{ "pending", N_("This computer still waits to be let in at the portal. Please ask a "
			"colleague or your administrator to approve it; delivery then goes on by "
			"itself.") },
	{ "revoked", N_("The portal does not accept this computer any more. Please tell your "
			"administrator; nothing is lost.") },
	{ "none", N_("No portal is set up any more. Please set it up again in the preferences; "
		     "nothing is lost.") },
};

/* What the agent answers where it could not look: not a number of mails, and not "none". */
#define COULD_NOT_LOOK G_MAXUINT

static char *dup_could_not_look(void)
{
	return g_strdup(
		_("It cannot be told whether sealed mail is still waiting. Please tell your "
		  "administrator (\"siegelpost doctor\" says what to mend)."));
}

char *sgp_waiting_words_dup_count(guint n_waiting)
{
	if (n_waiting == COULD_NOT_LOOK)
		return dup_could_not_look();
	if (n_waiting == 0)
		return g_strdup(_("No sealed mail waits for the portal."));
	return g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%u sealed mail waits for the portal.",
				       "%u sealed mails wait for the portal.", n_waiting),
		n_waiting);
}

char *sgp_waiting_words_dup(guint n_waiting, const char *portal_state)
{
	/* The bar of held mails says it, once. */
	if (n_waiting == COULD_NOT_LOOK)
		return NULL;
	for (gsize i = 0; n_waiting > 0 && i < G_N_ELEMENTS(reasons); i++) {
		if (g_strcmp0(portal_state, reasons[i].state) != 0)
			continue;
		g_autofree char *count = sgp_waiting_words_dup_count(n_waiting);
		return g_strdup_printf("%s %s", count, _(reasons[i].words));
	}
	return NULL;
}

char *sgp_waiting_words_dup_held(guint n_held)
{
	if (n_held == 0)
		return NULL;
	if (n_held == COULD_NOT_LOOK)
		return dup_could_not_look();
	g_autofree char *count = g_strdup_printf(
		g_dngettext(GETTEXT_PACKAGE, "%u sealed mail could not be delivered.",
			"%u sealed mails could not be delivered.", n_held),
		n_held);
	return g_strdup_printf("%s %s", count,
		_("Everything is kept until somebody decides. Please look why, then try again or "
		  "write to the customer by letter."));
}

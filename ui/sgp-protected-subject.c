/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the real subject back into an answer. What came encrypted must not leave in clear (threat
 * 24), so one recipient with a plain copy is enough to leave the subject as it is; test
 * /protected-subject/. */
#include "sgp-protected-subject.h"

#include <string.h>

#define PLACEHOLDER "[...]"

static gboolean is_end_to_end(JsonObject *recipient)
{
	JsonObject *channel = json_object_get_object_member(recipient, "channel");
	const char *kind =
		channel == NULL ? NULL
				: json_object_get_string_member_with_default(channel, "kind", NULL);
	return g_strcmp0(kind, "openpgp") == 0 || g_strcmp0(kind, "smime") == 0 ||
	       g_strcmp0(kind, "portal") == 0;
}

/* (nullable) */
static const char *get_inquiry_subject(JsonObject *recipient)
{
	JsonObject *basis = json_object_get_object_member(recipient, "basis");
	JsonNode *node = basis == NULL ? NULL : json_object_get_member(basis, "evidence");
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		return NULL;
	return json_object_get_string_member_with_default(
		json_node_get_object(node), "subject", NULL);
}

static gboolean is_placeholder(const char *subject)
{
	const char *colon = strrchr(subject, ':');
	g_autofree char *rest = g_strdup(colon != NULL ? colon + 1 : subject);
	return colon != NULL && g_str_equal(g_strstrip(rest), PLACEHOLDER);
}

char *sgp_protected_subject_dup(JsonObject *verdict, const char *subject)
{
	JsonArray *recipients = json_object_get_array_member(verdict, "recipients");
	const char *found = NULL;
	if (recipients == NULL || !is_placeholder(subject))
		return NULL;
	for (guint i = 0; i < json_array_get_length(recipients); i++) {
		JsonObject *recipient = json_array_get_object_element(recipients, i);
		if (!is_end_to_end(recipient))
			return NULL;
		if (found == NULL)
			found = get_inquiry_subject(recipient);
	}
	if (found == NULL || *found == '\0' || strstr(found, PLACEHOLDER) != NULL)
		return NULL;
	/* An inquiry that was an answer itself has its prefix already. */
	return strncasecmp(found, "re:", 3) == 0 || strncasecmp(found, "aw:", 3) == 0
		       ? g_strdup(found)
		       : g_strdup_printf("Re: %s", found);
}

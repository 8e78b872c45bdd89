/* SPDX-License-Identifier: GPL-3.0-or-later */

/* In which language a customer is written to: set by the invitation and at the registration,
 * changed by the customer or by staff whom the customer asked. It is the language of notices; that
 * of the pages is the browser's affair. */

#include "sgp-api.h"

#include "sgp-customer.h"

static const char *read_language(SgpCall *call, GError **error)
{
	const char *language = sgp_protocol_get_text(call->json, "language");

	if (g_strcmp0(language, "de") == 0 || g_strcmp0(language, "en") == 0)
		return language;
	sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The language must be de or en.");
	return NULL;
}

static gboolean store(SgpCall *call, const char *handle, const char *language, GError **error)
{
	gint64 changed = 0;

	if (!sgp_database_run(call->database, error, &changed,
		    "UPDATE customers SET language = $1 WHERE handle = $2 AND state <> $3", "sss",
		    language, handle, SGP_CUSTOMER_DELETED))
		return FALSE;
	if (changed != 1)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such customer.");
	sgp_protocol_set_text(sgp_call_begin_answer(call), "language", language);
	return TRUE;
}

/**
 * sgp_page_set_language:
 *
 * PUT /p/v1/account/language.
 *
 * Returns: whether notices come in it from now on.
 */
gboolean sgp_page_set_language(SgpCall *call, GError **error)
{
	const char *language = read_language(call, error);
	g_autoptr(SgpTransaction) transaction =
		language != NULL ? sgp_transaction_begin(call->database, error) : NULL;

	return transaction != NULL && sgp_page_check_session(call, call->handle, error) &&
	       store(call, call->handle, language, error) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_api_set_language:
 *
 * POST /api/v1/customers/{handle}:language.
 *
 * Returns: whether notices come in it from now on.
 */
gboolean sgp_api_set_language(SgpCall *call, GError **error)
{
	const char *language = read_language(call, error);
	g_autoptr(SgpTransaction) transaction =
		language != NULL ? sgp_transaction_begin(call->database, error) : NULL;

	return transaction != NULL && store(call, call->params[0], language, error) &&
	       sgp_transaction_commit(transaction, error);
}

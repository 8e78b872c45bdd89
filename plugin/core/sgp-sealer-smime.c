/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes one S/MIME copy: the protected entity, signed by the sender's certificate as
 * multipart/signed (which every program reads), enveloped for the recipients' certificates and the
 * sender's. Takes the verdict's word for whom, but asks for each certificate again, and at its
 * issuer, right before. Streams: the entity passes once, to gpgsm for the signature and to the
 * encryption at the same time. */
#include "sgp-sealer-private.h"

#include <gio/gunixoutputstream.h>

#include "sgp-cms-stream.h"
#include "sgp-error.h"
#include "sgp-gpgsm-signer.h"
#include "sgp-gpgsm.h"
#include "sgp-tee-stream.h"

#define BASE64_LINE 76

/* ---- for whom ---- */

/* Each certificate once: two people may share one, and the sender may write to oneself. */
static gboolean add_certificate(
	const SgpSealing *sealing, GPtrArray *certificates, const SgpKey *key, GError **error)
{
	g_autoptr(GBytes) der = key->certificate != NULL
					? g_bytes_ref(key->certificate)
					: sgp_gpgsm_load_certificate(sealing->home,
						  key->fingerprint, sealing->cancellable, error);
	if (der == NULL)
		return FALSE;
	if (!g_ptr_array_find_with_equal_func(certificates, der, g_bytes_equal, NULL))
		g_ptr_array_add(certificates, g_steal_pointer(&der));
	return TRUE;
}

/* The verdict may be minutes old: a certificate that was revoked meanwhile is not used, and one
 * whose issuer does not answer now has to wait. */
static gboolean add_chosen(const SgpSealing *sealing, GPtrArray *certificates, const SgpKey *chosen,
	const char *addr_spec, GError **error)
{
	g_autoptr(GError) local_error = NULL;
	g_autoptr(SgpKey) fresh = sgp_key_lookup_load(sealing->keys, chosen->fingerprint, addr_spec,
		sealing->now, sealing->cancellable, &local_error);
	if (g_error_matches(local_error, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "a certificate is gone");
		return FALSE;
	}
	if (fresh == NULL) {
		g_propagate_error(error, g_steal_pointer(&local_error));
		return FALSE;
	}
	if (g_cancellable_set_error_if_cancelled(sealing->cancellable, error))
		return FALSE;
	if (fresh->state != SGP_KEY_STATE_USABLE) {
		gboolean is_unknown = fresh->state == SGP_KEY_STATE_UNKNOWN;
		g_set_error(error, SGP_ERROR,
			is_unknown ? SGP_ERROR_UNREACHABLE : SGP_ERROR_CONFLICT,
			"a certificate is not usable any more: %s",
			sgp_key_state_get_nick(fresh->state));
		return FALSE;
	}
	return add_certificate(sealing, certificates, fresh, error);
}

static gboolean add_recipient(const SgpSealing *sealing, GPtrArray *certificates,
	const SgpRecipientVerdict *recipient, GError **error)
{
	const char *addr_spec = sgp_address_get_addr_spec(recipient->address);
	guint n_used = 0;
	for (guint i = 0; i < recipient->keys->len; i++) {
		const SgpKey *chosen = g_ptr_array_index(recipient->keys, i);
		if (chosen->channel != SGP_CHANNEL_SMIME)
			continue;
		if (!add_chosen(sealing, certificates, chosen, addr_spec, error))
			return FALSE;
		n_used++;
	}
	if (n_used == 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "there is no certificate");
	return n_used > 0;
}

static GPtrArray *find_certificates(
	const SgpSealing *sealing, const SgpCopyPlan *plan, GError **error)
{
	g_autoptr(GPtrArray) certificates =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	for (guint i = 0; i < plan->recipients->len; i++)
		if (!add_recipient(
			    sealing, certificates, g_ptr_array_index(plan->recipients, i), error))
			return NULL;
	if (sealing->own_certificate != NULL &&
		!add_certificate(sealing, certificates, sealing->own_certificate, error))
		return NULL;
	return g_steal_pointer(&certificates);
}

/* ---- what is inside ---- */

static gboolean put(GOutputStream *out, const char *text, GCancellable *cancellable, GError **error)
{
	return g_output_stream_write_all(out, text, strlen(text), NULL, cancellable, error);
}

static char *dup_base64_lines(GBytes *bytes)
{
	gsize size = 0;
	const guint8 *start = g_bytes_get_data(bytes, &size);
	g_autofree char *text = g_base64_encode(start, size);
	GString *lines = g_string_new(NULL);
	for (gsize at = 0, length = strlen(text); at < length; at += BASE64_LINE)
		g_string_append_printf(lines, "%.*s\r\n", BASE64_LINE, text + at);
	return g_string_free(lines, FALSE);
}

/* The entity passes to gpgsm and to the encryption at the same time; what stands around it only to
 * the encryption. */
static gboolean write_entity(const SgpSealing *sealing, gboolean is_sent_copy,
	SgpGpgsmSigner *signer, GOutputStream *out, GError **error)
{
	GOutputStream *to_signer = sgp_gpgsm_signer_get_stream(signer);
	g_autoptr(GOutputStream) tee = sgp_tee_stream_new(out, to_signer);
	g_autoptr(GError) local_error = NULL;
	if (sgp_sealer_write_entity(sealing, is_sent_copy, tee, sealing->cancellable, &local_error))
		return TRUE;
	/* gpgsm stopped reading: it knows why. */
	if (!g_error_matches(local_error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE)) {
		g_propagate_error(error, g_steal_pointer(&local_error));
		return FALSE;
	}
	g_autoptr(GBytes) signature = sgp_gpgsm_signer_finish(signer, sealing->cancellable, error);
	if (signature != NULL)
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "gpgsm signed half of a mail");
	return FALSE;
}

/* RFC 8551 section 3.5.3. */
static gboolean write_signed(
	const SgpSealing *sealing, gboolean is_sent_copy, GOutputStream *out, GError **error)
{
	g_autofree char *boundary = sgp_copy_mime_dup_boundary();
	g_autofree char *head = g_strdup_printf(
		"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
		" micalg=\"sha-256\"; boundary=\"%s\"\r\nMIME-Version: 1.0\r\n\r\n--%s\r\n",
		boundary, boundary);
	g_autofree char *between = g_strdup_printf(
		"\r\n--%s\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n",
		boundary);
	g_autofree char *tail = g_strdup_printf("--%s--\r\n", boundary);
	g_autoptr(SgpGpgsmSigner) signer =
		sgp_gpgsm_signer_new(sealing->home, sealing->own_certificate->fingerprint, error);
	if (signer == NULL || !put(out, head, sealing->cancellable, error) ||
		!write_entity(sealing, is_sent_copy, signer, out, error))
		return FALSE;
	g_autoptr(GBytes) signature = sgp_gpgsm_signer_finish(signer, sealing->cancellable, error);
	if (signature == NULL)
		return FALSE;
	g_autofree char *lines = dup_base64_lines(signature);
	return put(out, between, sealing->cancellable, error) &&
	       put(out, lines, sealing->cancellable, error) &&
	       put(out, tail, sealing->cancellable, error);
}

/* ---- the copy ---- */

gboolean sgp_sealer_seal_smime(
	const SgpSealing *sealing, const SgpCopyPlan *plan, SgpCopy *copy, GError **error)
{
	g_autoptr(GPtrArray) certificates = find_certificates(sealing, plan, error);
	if (certificates == NULL)
		return FALSE;
	copy->fd = sgp_sealer_open_file(FALSE, error);
	if (copy->fd < 0)
		return FALSE;
	g_autoptr(GOutputStream) file = g_unix_output_stream_new(copy->fd, FALSE);
	if (!sgp_copy_mime_write_smime_head(sealing->mime, copy->id, file, error))
		return FALSE;
	g_autoptr(SgpCmsStream) sealed = sgp_cms_stream_new(certificates, file, error);
	if (sealed == NULL)
		return FALSE;
	GOutputStream *out = G_OUTPUT_STREAM(sealed);
	gboolean is_written = sealing->own_certificate != NULL
				      ? write_signed(sealing, plan->is_sent_copy, out, error)
				      : sgp_sealer_write_entity(sealing, plan->is_sent_copy, out,
						sealing->cancellable, error);
	if (!is_written || !sgp_cms_stream_finish(sealed, sealing->cancellable, error))
		return FALSE;
	copy->digest = sgp_cms_stream_dup_sha256(sealed);
	return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <composer/e-msg-composer.h>

G_BEGIN_DECLS

#define SGP_DRAFT_HEADER "X-Siegelpost-Draft"

/* What the composer holds, as Assess takes it: from, to, cc, bcc, subject, text, in-reply-to,
 * references, attachments. text: (nullable) the body as read before. */
void sgp_composer_reader_add_draft(
	EMsgComposer *composer, const char *text, GVariantBuilder *builder);
gboolean sgp_composer_reader_has_recipients(EMsgComposer *composer);
/* To, Cc and Bcc in one string, to notice a change. (transfer full) */
char *sgp_composer_reader_dup_recipients(EMsgComposer *composer);
/* The sender's addr-spec. (transfer full) (nullable) */
char *sgp_composer_reader_dup_from(EMsgComposer *composer);
/* (transfer full): a GVariant of type as, not floating. */
GVariant *sgp_composer_reader_get_bcc(EMsgComposer *composer);
gboolean sgp_composer_reader_posts_to_news(EMsgComposer *composer);
/* The draft id: made once for this composer, kept in a header of it, so that an autosaved copy of a
 * mail that was sent has the same id and cannot be sent again. A template or a draft is another
 * mail each time it is opened: it gets an id of its own. (borrowed) */
const char *sgp_composer_reader_ensure_draft_id(EMsgComposer *composer);
/* Makes the mail answer this message. message_id: without <>. */
void sgp_composer_reader_set_reply_to(EMsgComposer *composer, const char *message_id);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read of a whole mail, and that it does not matter which thread reads it. */
#include "sgp-mail-judgement.h"

#define N_THREADS 4
#define N_MAILS   60

static const char *const texts[] = {
	"Guten Tag,\n\nbitte antworten Sie mir nicht per E-Mail.\n",
	"Guten Tag,\n\nwann kommt das Geld? Im Juli war es am Montag da. Danke!\n",
	"Hallo,\n\nbitte nur verschlüsselt antworten.\n",
	"Dear all,\n\nplease reply by e-mail, in writing is fine.\n",
	"Ich schätze Ihre Mühe, aber Post ist mir lieber als dieser Weg.\n",
};

static SgpMail *new_mail(guint number)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_add(mail->from, sgp_address_new("erika@kunde.example", NULL));
	g_ptr_array_add(mail->reply_to, sgp_address_new("erika@zuhause.example", NULL));
	g_ptr_array_add(mail->reply_to, sgp_address_new("max@zuhause.example", NULL));
	g_free(mail->text);
	mail->text = g_strdup(texts[number % G_N_ELEMENTS(texts)]);
	mail->date = 1795504380 + number;
	return mail;
}

static void test_all_is_read(void)
{
	g_autoptr(SgpMail) mail = new_mail(0);
	g_free(mail->content_type);
	mail->content_type = g_strdup("application/pkcs7-mime");
	g_autoptr(SgpMailJudgement) judgement = sgp_mail_judgement_new(mail);
	g_assert_cmpint(judgement->opt_out, ==, SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpstr(judgement->sentence, ==, "bitte antworten Sie mir nicht per E-Mail.");
	g_assert_null(judgement->not_personal);
	g_assert_cmpstr(judgement->authors, ==, "erika@kunde.example");
	g_assert_cmpstr(judgement->reply_to, ==, "erika@zuhause.example,max@zuhause.example");
	g_assert_cmpint(judgement->date, ==, 1795504380);
	g_assert_cmpint(judgement->protocol, ==, SGP_CHANNEL_SMIME);
}

static void test_nobody_wrote_it(void)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(SgpMailJudgement) judgement = sgp_mail_judgement_new(mail);
	g_assert_cmpstr(judgement->not_personal, ==, "no-single-author");
	g_assert_cmpstr(judgement->authors, ==, "");
	g_assert_cmpint(judgement->protocol, ==, SGP_CHANNEL_NONE);
}

/* (element-type SgpMailJudgement) */
static gpointer read_all(gpointer data)
{
	GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_mail_judgement_free);
	for (guint i = 0; i < N_MAILS; i++) {
		g_autoptr(SgpMail) mail = new_mail(i);
		g_ptr_array_add(found, sgp_mail_judgement_new(mail));
	}
	return found;
}

static void test_threads(void)
{
	GThread *threads[N_THREADS];
	for (guint i = 0; i < N_THREADS; i++)
		threads[i] = g_thread_new("reader", read_all, NULL);
	g_autoptr(GPtrArray) alone = read_all(NULL);
	for (guint i = 0; i < N_THREADS; i++) {
		g_autoptr(GPtrArray) found = g_thread_join(threads[i]);
		for (guint k = 0; k < N_MAILS; k++) {
			const SgpMailJudgement *one = g_ptr_array_index(found, k);
			const SgpMailJudgement *other = g_ptr_array_index(alone, k);
			g_assert_cmpint(one->opt_out, ==, other->opt_out);
			g_assert_cmpstr(one->sentence, ==, other->sentence);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail-judgement/several-threads-read-as-one-does", test_threads);
	g_test_add_func("/mail-judgement/all-that-is-asked-later-is-read", test_all_is_read);
	g_test_add_func("/mail-judgement/a-mail-of-nobody-is-no-persons", test_nobody_wrote_it);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings single messages of a conversation from Camel to the agent, by file descriptor and only
 * when asked for. It reads nothing out of them itself. */
#include "sgp-inquiry-fetch.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixoutputstream.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sgp-agent-link.h"

#define JUDGE_TIMEOUT_MS 30000
#define MOST_AT_ONCE     50 /* a conversation with more needs another round */

static int write_to_memory(CamelMimeMessage *message, GCancellable *cancellable, GError **error)
{
	int fd = memfd_create("siegelpost-inquiry", MFD_CLOEXEC);
	if (fd < 0) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "memfd_create");
		return -1;
	}
	g_autoptr(GOutputStream) stream = g_unix_output_stream_new(fd, FALSE);
	if (camel_data_wrapper_write_to_output_stream_sync(
		    CAMEL_DATA_WRAPPER(message), stream, cancellable, error) < 0) {
		close(fd);
		return -1;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static gboolean judge(
	const char *folder_uri, const char *uid, int fd, GCancellable *cancellable, GError **error)
{
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new_from_array(&fd, 1); /* takes fd */
	g_autoptr(GVariant) answer =
		sgp_agent_link_call_sync("HistoryJudge", g_variant_new("(ssh)", folder_uri, uid, 0),
			"()", fds, JUDGE_TIMEOUT_MS, NULL, cancellable, error);
	return answer != NULL;
}

static gboolean fetch_one(
	EMailSession *session, const char *need, GCancellable *cancellable, GError **error)
{
	const char *separator = strrchr(need, '#');
	if (separator == NULL || separator == need || separator[1] == '\0') {
		g_set_error_literal(
			error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "not a location");
		return FALSE;
	}
	g_autofree char *folder_uri = g_strndup(need, (gsize)(separator - need));
	g_autoptr(CamelFolder) folder =
		e_mail_session_uri_to_folder_sync(session, folder_uri, 0, cancellable, error);
	if (folder == NULL)
		return FALSE;
	g_autoptr(CamelMimeMessage) message =
		camel_folder_get_message_sync(folder, separator + 1, cancellable, error);
	if (message == NULL)
		return FALSE;
	int fd = write_to_memory(message, cancellable, error);
	return fd >= 0 && judge(folder_uri, separator + 1, fd, cancellable, error);
}

static void fetch_thread(
	GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
	char **needs = task_data;
	gssize n_judged = 0;
	for (guint i = 0; needs[i] != NULL && i < MOST_AT_ONCE; i++) {
		g_autoptr(GError) error = NULL;
		if (fetch_one(E_MAIL_SESSION(source), needs[i], cancellable, &error))
			n_judged++;
		else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			g_message("A message of a conversation could not be fetched: %s",
				g_quark_to_string(error->domain));
		if (g_task_return_error_if_cancelled(task))
			return;
	}
	g_task_return_int(task, n_judged);
}

void sgp_inquiry_fetch_async(EMailSession *session, const char *const *needs,
	GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
	g_autoptr(GTask) task = g_task_new(session, cancellable, callback, user_data);
	g_task_set_task_data(task, g_strdupv((char **)needs), (GDestroyNotify)g_strfreev);
	g_task_run_in_thread(task, fetch_thread);
}

int sgp_inquiry_fetch_finish(GAsyncResult *result, GError **error)
{
	return (int)g_task_propagate_int(G_TASK(result), error);
}

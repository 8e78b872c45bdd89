/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns a throw-away issuer of certificates for a test. */
#include "scratch-ca.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* Serves a directory on a port that the system chooses, and says which one. */
static const char SERVER[] =
	"import functools, http.server, os, sys, threading\n"
	"threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()\n"
	"class Quiet(http.server.SimpleHTTPRequestHandler):\n"
	"    def log_message(self, *unused):\n        pass\n"
	"handler = functools.partial(Quiet, directory=sys.argv[1])\n"
	"server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)\n"
	"print(server.server_port, flush=True)\n"
	"server.serve_forever()\n";

static const char CONFIGURATION[] = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\n"
				    "serial = serial.txt\ncrlnumber = number.txt\n"
				    "new_certs_dir = .\ndefault_md = sha256\npolicy = any\n"
				    "unique_subject = no\nemail_in_dn = yes\n"
				    "default_days = 365\n"
				    "[any]\ncommonName = optional\nemailAddress = optional\n"
				    "[req]\ndistinguished_name = req_dn\n[req_dn]\n";

GBytes *scratch_ca_run(ScratchCa *self, GBytes *input, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	g_autofree char *command = g_strdup_vprintf(format, list);
	va_end(list);
	g_auto(GStrv) arguments = NULL;
	g_autoptr(GError) error = NULL;
	g_shell_parse_argv(command, NULL, &arguments, &error);
	g_assert_no_error(error);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE |
		(input != NULL ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0));
	g_subprocess_launcher_set_cwd(launcher, self->directory);
	g_autoptr(GSubprocess) process =
		g_subprocess_launcher_spawnv(launcher, (const char *const *)arguments, &error);
	g_assert_no_error(error);
	GBytes *output = NULL;
	g_autoptr(GBytes) report = NULL;
	g_subprocess_communicate(process, input, NULL, &output, &report, &error);
	g_assert_no_error(error);
	if (!g_subprocess_get_successful(process))
		g_test_message("failed: %s\n%.*s", command, (int)g_bytes_get_size(report),
			(const char *)g_bytes_get_data(report, NULL));
	g_assert_true(g_subprocess_get_successful(process));
	return output;
}

static void run(ScratchCa *self, const char *command)
{
	g_autoptr(GBytes) output G_GNUC_UNUSED = scratch_ca_run(self, NULL, "%s", command);
}

char *scratch_ca_dup_path(ScratchCa *self, const char *name, const char *suffix)
{
	return g_strdup_printf("%s/%s%s", self->directory, name, suffix);
}

static void write_file(ScratchCa *self, const char *name, const char *text)
{
	g_autofree char *path = scratch_ca_dup_path(self, name, "");
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void start_server(ScratchCa *self)
{
	g_autofree char *root = scratch_ca_dup_path(self, "www", "");
	g_assert_cmpint(g_mkdir(root, 0700), ==, 0);
	const char *arguments[] = { "python3", "-c", SERVER, root, NULL };
	/* It ends with its standard input, so also with a test that was killed. */
	self->server = g_subprocess_newv(arguments,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
			G_SUBPROCESS_FLAGS_STDERR_SILENCE,
		NULL);
	g_assert_nonnull(self->server);
	g_autoptr(GDataInputStream) lines =
		g_data_input_stream_new(g_subprocess_get_stdout_pipe(self->server));
	g_autofree char *port = g_data_input_stream_read_line(lines, NULL, NULL, NULL);
	g_assert_nonnull(port);
	self->url = g_strdup_printf("http://127.0.0.1:%s/list.crl", port);
}

static gboolean is_default(const char *value)
{
	return value == NULL;
}

static void write_extensions(ScratchCa *self, const char *name, const ScratchCertificate *how)
{
	g_autoptr(GString) text = g_string_new("[e]\n");
	g_string_append_printf(text, "basicConstraints = critical,%s\n",
		is_default(how->constraints) ? "CA:FALSE" : how->constraints);
	if (g_strcmp0(how->usage, "none") != 0)
		g_string_append_printf(text, "keyUsage = %s\n",
			is_default(how->usage) ? "critical,digitalSignature,keyEncipherment"
					       : how->usage);
	if (how->purpose != NULL)
		g_string_append_printf(text, "extendedKeyUsage = %s\n", how->purpose);
	if (how->names != NULL)
		g_string_append_printf(text, "subjectAltName = %s\n", how->names);
	if (g_strcmp0(how->list, "none") != 0)
		g_string_append_printf(text, "crlDistributionPoints = URI:%s\n",
			how->list != NULL ? how->list : self->url);
	if (how->responder != NULL)
		g_string_append_printf(text, "authorityInfoAccess = OCSP;URI:%s\n", how->responder);
	g_string_append(text, "subjectKeyIdentifier = hash\n");
	if (g_strcmp0(how->issuer, "self") != 0)
		g_string_append(text, "authorityKeyIdentifier = keyid\n");
	g_autofree char *file = g_strconcat(name, ".ext", NULL);
	write_file(self, file, text->str);
}

/* Making an RSA key takes longest of all, so a name has the same key in all issuers of a test. */
static void make_key(ScratchCa *self, const char *name, const char *kind)
{
	static GHashTable *made;
	gboolean is_curve = g_str_has_prefix(kind, "ec:");
	const char *value = strchr(kind, ':') + 1;
	g_autofree char *which = g_strdup_printf("%s %s", name, kind);
	g_autofree char *file = g_strconcat(name, ".key", NULL);
	if (made == NULL)
		made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!g_hash_table_contains(made, which)) {
		g_autoptr(GBytes) pem =
			is_curve ? scratch_ca_run(self, NULL,
					   "openssl genpkey -algorithm EC "
					   "-pkeyopt ec_paramgen_curve:%s",
					   value)
				 : scratch_ca_run(self, NULL, "openssl genrsa %s", value);
		g_hash_table_insert(made, g_strdup(which),
			g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem)));
	}
	write_file(self, file, g_hash_table_lookup(made, which));
}

char *scratch_ca_make(ScratchCa *self, const char *name, const ScratchCertificate *how)
{
	const char *issuer = how->issuer != NULL ? how->issuer : "root";
	make_key(self, name, how->key != NULL ? how->key : "rsa:2048");
	write_extensions(self, name, how);
	g_autoptr(GBytes) request G_GNUC_UNUSED = scratch_ca_run(self, NULL,
		"openssl req -new -config ca.cnf -key %s.key -subj '%s' -out %s.csr", name,
		how->subject != NULL ? how->subject : "/CN=Erika Mustermann", name);
	g_autofree char *who =
		g_str_equal(issuer, "self")
			? g_strdup_printf("-selfsign -keyfile %s.key", name)
			: g_strdup_printf("-keyfile %s.key -cert %s.pem", issuer, issuer);
	g_autofree char *start =
		how->start != NULL ? g_strconcat("-startdate ", how->start, NULL) : g_strdup("");
	g_autofree char *end =
		how->end != NULL ? g_strconcat("-enddate ", how->end, NULL) : g_strdup("");
	g_autoptr(GBytes) signed_it G_GNUC_UNUSED = scratch_ca_run(self, NULL,
		"openssl ca -config ca.cnf -batch -notext -md %s %s -in %s.csr -extfile %s.ext "
		"-extensions e -out %s.pem %s %s",
		how->digest != NULL ? how->digest : "sha256", who, name, name, name, start, end);
	g_autoptr(GBytes) der =
		scratch_ca_run(self, NULL, "openssl x509 -in %s.pem -outform DER", name);
	g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA1, der);
	return g_ascii_strup(sum, -1);
}

void scratch_ca_revoke(ScratchCa *self, const char *name)
{
	g_autoptr(GBytes) output G_GNUC_UNUSED = scratch_ca_run(self, NULL,
		"openssl ca -config ca.cnf -keyfile root.key -cert root.pem -revoke %s.pem", name);
}

void scratch_ca_publish(ScratchCa *self, int days)
{
	const char *when = days > 0 ? ""
				    : "-crl_lastupdate 20200101000000Z "
				      "-crl_nextupdate 20200201000000Z";
	g_autofree char *length = days > 0 ? g_strdup_printf("-crldays %d", days) : g_strdup("");
	g_autoptr(GBytes) made G_GNUC_UNUSED = scratch_ca_run(self, NULL,
		"openssl ca -config ca.cnf -keyfile root.key -cert root.pem -gencrl %s %s "
		"-out list.pem",
		length, when);
	run(self, "openssl crl -in list.pem -outform DER -out www/list.crl");
}

void scratch_ca_set_offline(ScratchCa *self, gboolean is_offline)
{
	g_autofree char *shown = scratch_ca_dup_path(self, "www/list.crl", "");
	g_autofree char *hidden = scratch_ca_dup_path(self, "hidden.crl", "");
	g_assert_cmpint(is_offline ? g_rename(shown, hidden) : g_rename(hidden, shown), ==, 0);
}

void scratch_ca_import(ScratchCa *self, const char *home, const char *name, gboolean with_key)
{
	g_autoptr(GBytes) output G_GNUC_UNUSED = scratch_ca_run(
		self, NULL, "gpgsm --homedir %s --batch --quiet --import %s.pem", home, name);
	if (!with_key)
		return;
	/* gpgsm 2.2 reads PKCS#12 with the older ciphers only. */
	g_autoptr(GBytes) packed G_GNUC_UNUSED = scratch_ca_run(self, NULL,
		"openssl pkcs12 -export -inkey %s.key -in %s.pem -out %s.p12 -passout pass: "
		"-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1",
		name, name, name);
	g_autoptr(GBytes) passphrase = g_bytes_new_static("\n", 1);
	g_autoptr(GBytes) imported G_GNUC_UNUSED = scratch_ca_run(self, passphrase,
		"gpgsm --homedir %s --batch --quiet --pinentry-mode loopback --passphrase-fd 0 "
		"--import %s.p12",
		home, name);
}

void scratch_ca_trust(ScratchCa *self, const char *home)
{
	g_autoptr(GBytes) der =
		scratch_ca_run(self, NULL, "openssl x509 -in root.pem -outform DER");
	g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA1, der);
	g_autofree char *line = g_strconcat(sum, " S relax\n", NULL);
	g_autofree char *path = g_build_filename(home, "trustlist.txt", NULL);
	g_assert_true(g_file_set_contents(path, line, -1, NULL));
}

static void remove_tree(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		if (g_file_test(inner, G_FILE_TEST_IS_DIR) &&
			!g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
			remove_tree(inner);
		else
			g_unlink(inner);
	}
	g_rmdir(path);
}

void scratch_ca_forget(const char *home)
{
	const char *arguments[] = { "gpgconf", "--homedir", home, "--kill", "dirmngr", NULL };
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
	g_assert_true(g_subprocess_wait(process, NULL, NULL));
	g_autofree char *lists = g_build_filename(home, "crls.d", NULL);
	remove_tree(lists);
}

ScratchCa *scratch_ca_new(void)
{
	ScratchCa *self = g_new0(ScratchCa, 1);
	self->directory = g_dir_make_tmp("sgpca-XXXXXX", NULL);
	g_assert_nonnull(self->directory);
	write_file(self, "ca.cnf", CONFIGURATION);
	write_file(self, "index.txt", "");
	write_file(self, "serial.txt", "1001\n");
	write_file(self, "number.txt", "01\n");
	start_server(self);
	ScratchCertificate root = { .subject = "/CN=Test Root",
		.constraints = "CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.list = "none",
		.issuer = "self",
		.end = "20490101000000Z" };
	g_autofree char *fingerprint G_GNUC_UNUSED = scratch_ca_make(self, "root", &root);
	scratch_ca_publish(self, 7);
	return self;
}

void scratch_ca_free(ScratchCa *self)
{
	if (self == NULL)
		return;
	g_subprocess_force_exit(self->server);
	g_subprocess_wait(self->server, NULL, NULL);
	g_object_unref(self->server);
	remove_tree(self->directory);
	g_free(self->directory);
	g_free(self->url);
	g_free(self);
}

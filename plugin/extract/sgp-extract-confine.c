/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this process may do while it reads a stranger's file: compute, and write to the two
 * descriptors it was given. A hole in a parser then reaches no file, no network, no other process,
 * and ends with the limits. Loads what the libraries would fetch later (charsets) beforehand.
 * Shown by /attachment-text/the-reader-may-not-... */
#include "sgp-extract-confine.h"

#include <errno.h>
#include <libxml/parser.h>
#include <locale.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define MAX_MEMORY  (512UL * 1024 * 1024)
#define MAX_SECONDS 10
#define MAX_FILES   8

/* glibc loads a charset when it is first opened, and keeps it while somebody has it open. */
static void load_charsets(void)
{
	static const char *const names[] = { "WINDOWS-1252", "CP1252", "CP1250", "CP1251", "CP1253",
		"CP1254", "CP1257", "CP437", "CP850", "MACINTOSH", "ISO-8859-1", "ISO-8859-15",
		"UTF-16", "UTF-16LE", "UTF-16BE", NULL };
	for (gsize i = 0; names[i] != NULL; i++)
		g_iconv_open("UTF-8", names[i]); /* never closed: see above */
	xmlInitParser();
}

static gboolean limit(int resource, rlim_t value)
{
	struct rlimit limits = { value, value };
	return setrlimit(resource, &limits) == 0;
}

static gboolean limit_all(void)
{
	return (SGP_EXTRACT_HAS_SANITIZER || limit(RLIMIT_AS, MAX_MEMORY)) &&
	       limit(RLIMIT_CPU, MAX_SECONDS) && limit(RLIMIT_FSIZE, 0) &&
	       limit(RLIMIT_NOFILE, MAX_FILES) &&
	       limit(RLIMIT_CORE, 0) && /* a customer's file on the disk */
	       prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static gboolean allow_calls(scmp_filter_ctx filter)
{
	/* A list of what is allowed: what the kernel learns tomorrow is refused. */
	static const int calls[] = { SCMP_SYS(read), SCMP_SYS(close), SCMP_SYS(fstat),
		SCMP_SYS(lseek), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
		SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group),
		SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
		SCMP_SYS(clock_getres), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
		SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
		SCMP_SYS(restart_syscall) };
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return FALSE;
	}
	/* Writing: stdout and stderr. Memory: never executable, so that no foreign code runs. */
	return seccomp_rule_add(
		       filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_LE, 2)) == 0 &&
	       seccomp_rule_add(
		       filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, SCMP_A0(SCMP_CMP_LE, 2)) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

static gboolean filter_calls(void)
{
	/* Refused calls fail, they do not kill: libraries that look for a configuration file in
	 * passing go on without it. */
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return FALSE;
	gboolean done = allow_calls(filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return done;
}

gboolean sgp_extract_confine(void)
{
	setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives */
	load_charsets();
	return limit_all() && filter_calls();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A widget asks whenever the agent tells something, and hears of nothing once it is gone. */
#include "sgp-agent-binding.h"

static const char *const signals[] = { "changed", "event", NULL };

static void count(gpointer owner)
{
	guint *n = owner;
	(*n)++;
}

static void test_asks(void)
{
	guint n = 0;
	g_autoptr(SgpAgent1) agent = sgp_agent1_skeleton_new();
	g_autoptr(SgpAgentBinding) binding = sgp_agent_binding_new(count, &n, signals);

	sgp_agent_binding_ask(binding);
	g_assert_cmpuint(n, ==, 0);
	g_assert_true(sgp_agent_binding_set_agent(binding, agent));
	g_assert_cmpuint(n, ==, 1);
	sgp_agent1_emit_event(agent, "read", "erika@kunde.example");
	sgp_agent1_emit_changed(agent);
	g_assert_cmpuint(n, ==, 3);
}

static void test_same_agent(void)
{
	guint n = 0;
	g_autoptr(SgpAgent1) agent = sgp_agent1_skeleton_new();
	g_autoptr(SgpAgentBinding) binding = sgp_agent_binding_new(count, &n, signals);

	sgp_agent_binding_set_agent(binding, agent);
	g_autoptr(GCancellable) order = g_object_ref(sgp_agent_binding_get_cancellable(binding));
	g_assert_false(sgp_agent_binding_set_agent(binding, agent));
	g_assert_cmpuint(n, ==, 2);
	g_assert_false(g_cancellable_is_cancelled(order));
	/* and one handler, not two */
	sgp_agent1_emit_changed(agent);
	g_assert_cmpuint(n, ==, 3);
}

static void test_another_agent(void)
{
	guint n = 0;
	g_autoptr(SgpAgent1) first = sgp_agent1_skeleton_new();
	g_autoptr(SgpAgent1) second = sgp_agent1_skeleton_new();
	g_autoptr(SgpAgentBinding) binding = sgp_agent_binding_new(count, &n, signals);

	sgp_agent_binding_set_agent(binding, first);
	g_autoptr(GCancellable) order = g_object_ref(sgp_agent_binding_get_cancellable(binding));
	g_assert_true(sgp_agent_binding_set_agent(binding, second));
	g_assert_true(g_cancellable_is_cancelled(order));
	g_assert_false(g_cancellable_is_cancelled(sgp_agent_binding_get_cancellable(binding)));
	g_assert_true(sgp_agent_binding_get_agent(binding) == second);
	sgp_agent1_emit_changed(first);
	g_assert_cmpuint(n, ==, 2);
}

static void test_no_agent(void)
{
	guint n = 0;
	g_autoptr(SgpAgent1) agent = sgp_agent1_skeleton_new();
	g_autoptr(SgpAgentBinding) binding = sgp_agent_binding_new(count, &n, signals);

	/* Every time: the owner has to say that there is none, the first time too. */
	g_assert_true(sgp_agent_binding_set_agent(binding, NULL));
	sgp_agent_binding_set_agent(binding, agent);
	g_assert_true(sgp_agent_binding_set_agent(binding, NULL));
	g_assert_null(sgp_agent_binding_get_agent(binding));
	g_assert_null(sgp_agent_binding_get_cancellable(binding));
	sgp_agent1_emit_changed(agent);
	g_assert_cmpuint(n, ==, 1);
}

static void test_gone(void)
{
	guint n = 0;
	g_autoptr(SgpAgent1) agent = sgp_agent1_skeleton_new();
	SgpAgentBinding *binding = sgp_agent_binding_new(count, &n, signals);

	sgp_agent_binding_set_agent(binding, agent);
	g_autoptr(GCancellable) order = g_object_ref(sgp_agent_binding_get_cancellable(binding));
	sgp_agent_binding_free(binding);
	g_assert_true(g_cancellable_is_cancelled(order));
	sgp_agent1_emit_changed(agent);
	g_assert_cmpuint(n, ==, 1);
	g_assert_cmpuint(G_OBJECT(agent)->ref_count, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/agent-binding/the-owner-asks-at-once-and-when-the-agent-tells-something",
		test_asks);
	g_test_add_func("/agent-binding/the-same-agent-again-ends-no-order", test_same_agent);
	g_test_add_func(
		"/agent-binding/another-agent-ends-what-the-first-was-asked", test_another_agent);
	g_test_add_func("/agent-binding/without-an-agent-nothing-is-asked", test_no_agent);
	g_test_add_func("/agent-binding/nothing-reaches-an-owner-that-is-gone", test_gone);
	return g_test_run();
}

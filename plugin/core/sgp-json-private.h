/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* value: (nullable) */
static inline void sgp_json_add_text(JsonBuilder *out, const char *name, const char *value)
{
	json_builder_set_member_name(out, name);
	if (value != NULL)
		json_builder_add_string_value(out, value);
	else
		json_builder_add_null_value(out);
}

static inline void sgp_json_add_int(JsonBuilder *out, const char *name, gint64 value)
{
	json_builder_set_member_name(out, name);
	json_builder_add_int_value(out, value);
}

static inline void sgp_json_add_boolean(JsonBuilder *out, const char *name, gboolean value)
{
	json_builder_set_member_name(out, name);
	json_builder_add_boolean_value(out, value);
}

/* seconds UTC; 0 is null. */
static inline void sgp_json_add_date(JsonBuilder *out, const char *name, gint64 seconds)
{
	g_autoptr(GDateTime) date = seconds != 0 ? g_date_time_new_from_unix_utc(seconds) : NULL;
	g_autofree char *text = date != NULL ? g_date_time_format_iso8601(date) : NULL;
	sgp_json_add_text(out, name, text);
}

/* values: (element-type utf8) */
static inline void sgp_json_add_texts(JsonBuilder *out, const char *name, const GPtrArray *values)
{
	json_builder_set_member_name(out, name);
	json_builder_begin_array(out);
	for (guint i = 0; i < values->len; i++)
		json_builder_add_string_value(out, g_ptr_array_index(values, i));
	json_builder_end_array(out);
}

static inline char *sgp_json_dup(JsonBuilder *out)
{
	g_autoptr(JsonNode) root = json_builder_get_root(out);
	return json_to_string(root, FALSE);
}

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of org.siegelpost in layers: what a caller overrides, over a key file, over
 * GSettings, over the defaults of the schema text that was built in. It owns a snapshot of all
 * values, so that worker threads read without touching GSettings. It never decides what a value
 * means, and it never lets a key file lift an administrator's lockdown: such a file is refused. */

#include "sgp-settings.h"
#include "sgp-error.h"
#include "sgp-settings-schema.h"

#include <string.h>

#define SCHEMA_ID "org.siegelpost"

typedef struct {
	char *name;          /* (owned) */
	char *type;          /* (owned) GVariant type string */
	GVariant *fallback;  /* (owned) the schema's default */
	GPtrArray *choices;  /* (owned) (element-type utf8) empty: any string */
	gint64 min, max;     /* both 0: no range */
	GVariant *value;     /* (owned) (nullable) GSettings */
	GVariant *from_file; /* (owned) (nullable) key file */
	GVariant *override;  /* (owned) (nullable) */
} SettingsKey;

struct _SgpSettings {
	GObject parent_instance;
	GMutex lock;
	GHashTable *keys;     /* (owned) name -> SettingsKey; the set of keys never changes */
	GSettings *gsettings; /* (owned) (nullable) no schema is installed */
	char *file_path;      /* (owned) (nullable) */
};

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_TYPE(SgpSettings, sgp_settings, G_TYPE_OBJECT)

static void settings_key_free(SettingsKey *key)
{
	g_free(key->name);
	g_free(key->type);
	g_clear_pointer(&key->fallback, g_variant_unref);
	g_clear_pointer(&key->choices, g_ptr_array_unref);
	g_clear_pointer(&key->value, g_variant_unref);
	g_clear_pointer(&key->from_file, g_variant_unref);
	g_clear_pointer(&key->override, g_variant_unref);
	g_free(key);
}

/* Reading the schema's text */

typedef struct {
	GHashTable *keys; /* (borrowed) */
	SettingsKey *key; /* (borrowed) (nullable) inside <key> */
	gboolean in_default;
} SchemaParse;

static void schema_start(GMarkupParseContext *context, const char *element, const char **names,
	const char **values, gpointer user_data, GError **error)
{
	SchemaParse *parse = user_data;
	const char *name = NULL, *type = NULL, *value = NULL, *min = NULL, *max = NULL;

	for (gsize i = 0; names[i]; i++) {
		if (g_str_equal(names[i], "name"))
			name = values[i];
		else if (g_str_equal(names[i], "type"))
			type = values[i];
		else if (g_str_equal(names[i], "value"))
			value = values[i];
		else if (g_str_equal(names[i], "min"))
			min = values[i];
		else if (g_str_equal(names[i], "max"))
			max = values[i];
	}
	if (g_str_equal(element, "key") && name && type) {
		parse->key = g_new0(SettingsKey, 1);
		parse->key->name = g_strdup(name);
		parse->key->type = g_strdup(type);
		parse->key->choices = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(parse->keys, parse->key->name, parse->key);
	} else if (parse->key && g_str_equal(element, "choice") && value) {
		g_ptr_array_add(parse->key->choices, g_strdup(value));
	} else if (parse->key && g_str_equal(element, "range") && min && max) {
		parse->key->min = g_ascii_strtoll(min, NULL, 10);
		parse->key->max = g_ascii_strtoll(max, NULL, 10);
	}
	parse->in_default = parse->key && g_str_equal(element, "default");
}

static void schema_end(
	GMarkupParseContext *context, const char *element, gpointer user_data, GError **error)
{
	SchemaParse *parse = user_data;

	parse->in_default = FALSE;
	if (g_str_equal(element, "key"))
		parse->key = NULL;
}

static void schema_text(GMarkupParseContext *context, const char *text, gsize length,
	gpointer user_data, GError **error)
{
	SchemaParse *parse = user_data;

	if (parse->in_default && !parse->key->fallback) {
		const GVariantType *type = (const GVariantType *)parse->key->type;

		parse->key->fallback = g_variant_parse(type, text, text + length, NULL, error);
	}
}

static GHashTable *parse_schema(GError **error)
{
	static const GMarkupParser parser = { schema_start, schema_end, schema_text, NULL, NULL };
	g_autoptr(GHashTable) keys = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)settings_key_free);
	SchemaParse parse = { keys, NULL, FALSE };
	g_autoptr(GMarkupParseContext) context =
		g_markup_parse_context_new(&parser, G_MARKUP_DEFAULT_FLAGS, &parse, NULL);

	if (!g_markup_parse_context_parse(context, SGP_SETTINGS_SCHEMA_XML, -1, error) ||
		!g_markup_parse_context_end_parse(context, error))
		return NULL;
	return g_steal_pointer(&keys);
}

/* Values */

static GVariant *effective(const SettingsKey *key)
{
	if (key->override)
		return key->override;
	if (key->from_file)
		return key->from_file;
	return key->value ? key->value : key->fallback;
}

/* NULL when the value may be given to the key, else what is wrong with it. */
static const char *refuse_value(const SettingsKey *key, GVariant *value)
{
	if (!g_variant_is_of_type(value, (const GVariantType *)key->type))
		return "wrong type";
	if (key->choices->len > 0 && !g_ptr_array_find_with_equal_func(key->choices,
					     g_variant_get_string(value, NULL), g_str_equal, NULL))
		return "not one of the choices";
	if ((key->min != 0 || key->max != 0) &&
		(g_variant_get_int32(value) < key->min || g_variant_get_int32(value) > key->max))
		return "out of range";
	return NULL;
}

/* A newer schema may be installed than ours, or an older one: only keys that both know are read. */
static gboolean gsettings_has_key(SgpSettings *self, const SettingsKey *key)
{
	g_autoptr(GSettingsSchema) schema = NULL;

	if (!self->gsettings)
		return FALSE;
	g_object_get(self->gsettings, "settings-schema", &schema, NULL);
	if (!g_settings_schema_has_key(schema, key->name))
		return FALSE;
	g_autoptr(GSettingsSchemaKey) known = g_settings_schema_get_key(schema, key->name);

	return g_variant_type_equal(g_settings_schema_key_get_value_type(known), key->type);
}

static void on_gsettings_changed(GSettings *gsettings, const char *name, gpointer user_data)
{
	SgpSettings *self = user_data;

	g_mutex_lock(&self->lock);
	SettingsKey *key = g_hash_table_lookup(self->keys, name);

	if (key && gsettings_has_key(self, key)) {
		g_clear_pointer(&key->value, g_variant_unref);
		key->value = g_settings_get_value(gsettings, name);
	}
	g_mutex_unlock(&self->lock);
	if (key)
		g_signal_emit(self, signals[SIGNAL_CHANGED], 0, name);
}

/* The installed schema, else the one beside the executable (build/plugin/X/program,
 * build/plugin/data). g_settings_new() would abort where there is none. */
static GSettingsSchema *lookup_schema(void)
{
	GSettingsSchemaSource *installed = g_settings_schema_source_get_default();
	GSettingsSchema *schema =
		installed ? g_settings_schema_source_lookup(installed, SCHEMA_ID, TRUE) : NULL;

	if (schema)
		return schema;
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

	if (!program)
		return NULL;
	g_autofree char *folder = g_path_get_dirname(program);
	g_autofree char *data = g_build_filename(folder, "..", "data", NULL);
	g_autoptr(GSettingsSchemaSource) built =
		g_settings_schema_source_new_from_directory(data, NULL, FALSE, NULL);

	return built ? g_settings_schema_source_lookup(built, SCHEMA_ID, FALSE) : NULL;
}

static void read_gsettings(SgpSettings *self)
{
	g_autoptr(GSettingsSchema) schema = lookup_schema();
	GHashTableIter iter;
	SettingsKey *key;

	if (!schema) {
		g_debug("no settings schema is installed: built-in defaults");
		return;
	}
	self->gsettings = g_settings_new_full(schema, NULL, NULL);
	g_signal_connect_object(
		self->gsettings, "changed", G_CALLBACK(on_gsettings_changed), self, 0);
	g_hash_table_iter_init(&iter, self->keys);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&key)) {
		if (gsettings_has_key(self, key))
			key->value = g_settings_get_value(self->gsettings, key->name);
	}
}

/* One entry of the key file. The lockdown comes first: a file that the user writes must not lift
 * what the administrator locked (test: /settings/a-key-file-cannot-lift-a-lockdown). */
static gboolean take_file_value(
	SgpSettings *self, SettingsKey *key, const char *text, GError **error)
{
	/* GVariant's reader takes UTF-8 for granted, a key file's does not see to it. */
	g_autoptr(GVariant) value =
		g_utf8_validate(text, -1, NULL)
			? g_variant_parse((const GVariantType *)key->type, text, NULL, NULL, NULL)
			: NULL;
	const char *wrong = value ? refuse_value(key, value) : "not in GVariant text format";

	if (wrong) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "settings file: %s: %s", key->name,
			wrong);
		return FALSE;
	}
	if (gsettings_has_key(self, key) && !g_settings_is_writable(self->gsettings, key->name)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"settings file: %s is locked by the administrator", key->name);
		return FALSE;
	}
	/* A name may stand there twice: the last one counts. */
	g_clear_pointer(&key->from_file, g_variant_unref);
	key->from_file = g_steal_pointer(&value);
	return TRUE;
}

static gboolean read_file(SgpSettings *self, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) local = NULL;

	if (!g_key_file_load_from_file(file, self->file_path, G_KEY_FILE_NONE, &local)) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_INVALID, "settings file: %s", local->message);
		return FALSE;
	}
	/* A misspelt group would leave the defaults in force and look as if they had been set: an
	 * office's own-domains, or a stricter profile, silently not there. */
	if (!g_key_file_has_group(file, SCHEMA_ID)) {
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_INVALID,
			"settings file: the group [" SCHEMA_ID "] is missing");
		return FALSE;
	}
	g_auto(GStrv) names = g_key_file_get_keys(file, SCHEMA_ID, NULL, NULL);

	for (gsize i = 0; names && names[i]; i++) {
		SettingsKey *key = g_hash_table_lookup(self->keys, names[i]);
		g_autofree char *text = g_key_file_get_value(file, SCHEMA_ID, names[i], NULL);

		if (!key) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
				"settings file: unknown key %s", names[i]);
			return FALSE;
		}
		if (!take_file_value(self, key, text, error))
			return FALSE;
	}
	return TRUE;
}

SgpSettings *sgp_settings_new(const char *key_file_path, GError **error)
{
	g_autoptr(SgpSettings) self = g_object_new(SGP_TYPE_SETTINGS, NULL);

	self->keys = parse_schema(error);
	if (!self->keys)
		return NULL;
	read_gsettings(self);
	self->file_path = g_strdup(key_file_path);
	if (key_file_path && !read_file(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

/* A reference of the value; an unknown key is our mistake and is reported as such, with an empty
 * answer. */
static GVariant *ref_value(SgpSettings *self, const char *name, const char *type)
{
	g_return_val_if_fail(SGP_IS_SETTINGS(self), NULL);
	g_mutex_lock(&self->lock);
	const SettingsKey *key = g_hash_table_lookup(self->keys, name);
	GVariant *value =
		key && g_str_equal(key->type, type) ? g_variant_ref(effective(key)) : NULL;

	g_mutex_unlock(&self->lock);
	if (!value)
		g_critical("no setting %s of type %s", name, type);
	return value;
}

GStrv sgp_settings_dup_strv(SgpSettings *self, const char *key)
{
	g_autoptr(GVariant) value = ref_value(self, key, "as");

	return value ? g_variant_dup_strv(value, NULL) : g_new0(char *, 1);
}

char *sgp_settings_dup_string(SgpSettings *self, const char *key)
{
	g_autoptr(GVariant) value = ref_value(self, key, "s");

	return value ? g_variant_dup_string(value, NULL) : g_strdup("");
}

gboolean sgp_settings_get_boolean(SgpSettings *self, const char *key)
{
	g_autoptr(GVariant) value = ref_value(self, key, "b");

	return value && g_variant_get_boolean(value);
}

int sgp_settings_get_int(SgpSettings *self, const char *key)
{
	g_autoptr(GVariant) value = ref_value(self, key, "i");

	return value ? g_variant_get_int32(value) : 0;
}

char *sgp_settings_dup_gnupg_home(SgpSettings *self)
{
	g_autofree char *home = sgp_settings_dup_string(self, "gnupg-home");
	const char *environment = g_getenv("GNUPGHOME");

	if (home[0] != '\0')
		return g_steal_pointer(&home);
	return environment && environment[0] != '\0' ? g_strdup(environment) : NULL;
}

static gboolean is_writable(SgpSettings *self, const SettingsKey *key)
{
	if (key->override)
		return FALSE;
	if (self->file_path)
		return TRUE;
	return gsettings_has_key(self, key) && g_settings_is_writable(self->gsettings, key->name);
}

GVariant *sgp_settings_ref_all(SgpSettings *self)
{
	GVariantBuilder builder;
	GHashTableIter iter;
	SettingsKey *key;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{s(vb)}"));
	g_mutex_lock(&self->lock);
	g_hash_table_iter_init(&iter, self->keys);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&key)) {
		g_variant_builder_add(
			&builder, "{s(vb)}", key->name, effective(key), is_writable(self, key));
	}
	g_mutex_unlock(&self->lock);
	return g_variant_builder_end(&builder);
}

/* What lies on top is what is written: a value put below the key file would never be seen. */
static gboolean write_file(SgpSettings *self, SettingsKey *key, GVariant *value, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *text = g_variant_print(value, FALSE);
	g_autoptr(GError) local = NULL;

	g_key_file_load_from_file(file, self->file_path, G_KEY_FILE_KEEP_COMMENTS, NULL);
	g_key_file_set_value(file, SCHEMA_ID, key->name, text);
	if (!g_key_file_save_to_file(file, self->file_path, &local)) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_STORAGE, "settings file: %s", local->message);
		return FALSE;
	}
	g_clear_pointer(&key->from_file, g_variant_unref);
	key->from_file = g_variant_ref(value);
	return TRUE;
}

static gboolean write_gsettings(
	SgpSettings *self, SettingsKey *key, GVariant *value, GError **error)
{
	if (!is_writable(self, key) || !g_settings_set_value(self->gsettings, key->name, value)) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_REFUSED, "the setting %s is locked", key->name);
		return FALSE;
	}
	g_mutex_lock(&self->lock);
	g_clear_pointer(&key->value, g_variant_unref);
	key->value = g_variant_ref(value);
	g_mutex_unlock(&self->lock);
	return TRUE;
}

gboolean sgp_settings_set(SgpSettings *self, const char *name, GVariant *value, GError **error)
{
	g_autoptr(GVariant) sunk = g_variant_ref_sink(value);
	SettingsKey *key = g_hash_table_lookup(self->keys, name);
	const char *wrong = key ? refuse_value(key, sunk) : "unknown key";
	gboolean written;

	if (wrong) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "setting %s: %s", name, wrong);
		return FALSE;
	}
	/* GSettings tells its listeners at once: the lock must not be held while it does. */
	if (!self->file_path && self->gsettings) {
		g_signal_handlers_block_by_func(self->gsettings, on_gsettings_changed, self);
		written = write_gsettings(self, key, sunk, error);
		g_signal_handlers_unblock_by_func(self->gsettings, on_gsettings_changed, self);
		g_settings_sync();
	} else if (self->file_path) {
		g_mutex_lock(&self->lock);
		written = write_file(self, key, sunk, error);
		g_mutex_unlock(&self->lock);
	} else {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED, "no settings schema is installed");
		return FALSE;
	}
	if (written)
		g_signal_emit(self, signals[SIGNAL_CHANGED], 0, name);
	return written;
}

void sgp_settings_override(SgpSettings *self, const char *name, GVariant *value)
{
	g_autoptr(GVariant) sunk = g_variant_ref_sink(value);

	g_mutex_lock(&self->lock);
	SettingsKey *key = g_hash_table_lookup(self->keys, name);

	if (key && !refuse_value(key, sunk)) {
		g_clear_pointer(&key->override, g_variant_unref);
		key->override = g_steal_pointer(&sunk);
	}
	g_mutex_unlock(&self->lock);
	if (sunk)
		g_critical("the setting %s cannot be overridden by this value", name);
}

static void sgp_settings_finalize(GObject *object)
{
	SgpSettings *self = SGP_SETTINGS(object);

	g_clear_object(&self->gsettings);
	g_clear_pointer(&self->keys, g_hash_table_unref);
	g_free(self->file_path);
	g_mutex_clear(&self->lock);
	G_OBJECT_CLASS(sgp_settings_parent_class)->finalize(object);
}

static void sgp_settings_class_init(SgpSettingsClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_settings_finalize;
	/* ::changed (key): after a value changed, in the thread that changed it. */
	signals[SIGNAL_CHANGED] = g_signal_new("changed", SGP_TYPE_SETTINGS, G_SIGNAL_RUN_LAST, 0,
		NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void sgp_settings_init(SgpSettings *self)
{
	g_mutex_init(&self->lock);
}

/*
 * structs.h - what goes into the library: texts, and structs with all that
 * they point to.
 *
 * Included once, by the module that SWIG makes, after SWIG's own runtime. A
 * struct is made by od_py_struct_new(). In front of it stands a list of Python
 * objects, the memory that its pointers point to:
 *
 *     +------+----------------------+
 *     | keep | od_campaign_options  |     keep: [b"name", b"ids", ...]
 *     +------+----------------------+
 *            ^ what SWIG knows of
 *
 * Structs that come out of the library have no such list. Python cannot make
 * one and never holds one, so none is ever given to these functions.
 */
#ifndef OUTDIAL_PYTHON_STRUCTS_H
#define OUTDIAL_PYTHON_STRUCTS_H

#include "python/objects.h"

#include <stdlib.h>

/*
 * What a str, a path, or anything that holds bytes consists of; *keep owns it.
 * NULL for None, and with an exception set.
 */
static const char *od_py_bytes(PyObject *value, PyObject **keep, size_t *len)
{
    Py_ssize_t count = 0;
    const char *bytes = NULL;
    *len = 0;
    if (value == Py_None) {
        return NULL;
    }
    if (PyObject_CheckBuffer(value)) {
        *keep = PyBytes_FromObject(value);
    } else {
        *keep = PyUnicode_Check(value) ? Py_NewRef(value) : PyOS_FSPath(value);
    }
    if (*keep == NULL) {
        return NULL;
    }
    if (PyBytes_Check(*keep)) {
        bytes = PyBytes_AS_STRING(*keep);
        count = PyBytes_GET_SIZE(*keep);
    } else {
        bytes = PyUnicode_AsUTF8AndSize(*keep, &count);
    }
    *len = (size_t)count;
    return bytes;
}

/* The same of what must hold no NUL. */
static const char *od_py_text(PyObject *value, const char *name,
                              PyObject **keep)
{
    size_t len = 0;
    const char *text = od_py_bytes(value, keep, &len);
    if (text != NULL && strlen(text) != len) {
        PyErr_Format(PyExc_ValueError, "%s: NUL within a text", name);
        return NULL;
    }
    return text;
}

/* What stands in front of a struct that goes in. */
typedef union od_py_head {
    PyObject *keep;
    max_align_t align;
} od_py_head;

static void *od_py_struct_new(size_t size)
{
    od_py_head *head = calloc(1, sizeof *head + size);
    PyObject *keep = head == NULL ? NULL : PyList_New(0);
    if (keep == NULL) {
        PyErr_Clear();
        free(head);
        return NULL;
    }
    head->keep = keep;
    return head + 1;
}

static void od_py_struct_free(void *made)
{
    od_py_head *head = (od_py_head *)made - 1;
    Py_DECREF(head->keep);
    free(head);
}

/* Let a struct own an object, whose reference is taken. */
static bool od_py_keep(void *made, PyObject *object)
{
    od_py_head *head = (od_py_head *)made - 1;
    bool kept = object != NULL && PyList_Append(head->keep, object) == 0;
    Py_XDECREF(object);
    return kept;
}

static bool od_py_keep_text(void *made, const char *text, const char **field)
{
    PyObject *bytes = NULL;
    if (text != NULL) {
        bytes = PyBytes_FromString(text);
        if (!od_py_keep(made, bytes)) {
            return false;
        }
    }
    *field = text == NULL ? NULL : PyBytes_AS_STRING(bytes);
    return true;
}

/* A struct from a mapping; *given owns it. None gives NULL. */
static void *od_py_given(PyObject *value, const char *name,
                         swig_type_info *type, PyObject **given)
{
    void *made = NULL;
    if (value == Py_None) {
        return NULL;
    }
    PyObject *hook = od_py_hook("_given");
    if (hook == NULL) {
        return NULL;
    }
    *given = PyObject_CallFunction(hook, "sO", name, value);
    Py_DECREF(hook);
    if (*given != NULL &&
        (!SWIG_IsOK(SWIG_ConvertPtr(*given, &made, type, 0)) || made == NULL)) {
        PyErr_Format(PyExc_TypeError, "%s: the fields are needed", name);
        return NULL;
    }
    return made;
}

/* The same of what may not be None; NULL with an exception set. */
static void *od_py_needed(PyObject *value, const char *name,
                          swig_type_info *type, PyObject **given)
{
    void *made = od_py_given(value, name, type, given);
    if (made == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "an %s is needed, not None", name);
    }
    return made;
}

/* Convert one item of an array into its place; what it owns, `made` keeps. */
typedef bool (*od_py_item_in)(void *made, PyObject *item, void *out);

/*
 * Copy a sequence, or the items of a mapping, into an array that the struct
 * keeps. None is an empty one. On failure nothing of the struct has changed.
 */
static bool od_py_keep_array(void *made, PyObject *value, size_t size,
                             od_py_item_in convert, const void **items,
                             size_t *len)
{
    /* A tuple stays as it is, whatever converting its items runs. */
    PyObject *list = value == Py_None      ? PyList_New(0)
                     : PyDict_Check(value) ? PyMapping_Items(value)
                                           : Py_NewRef(value);
    PyObject *all = list == NULL ? NULL : PySequence_Tuple(list);
    Py_XDECREF(list);
    if (all == NULL) {
        return false;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(all);
    PyObject *bytes = PyByteArray_FromStringAndSize(NULL, 0);
    bool done = bytes != NULL && count <= PY_SSIZE_T_MAX / (Py_ssize_t)size &&
                PyByteArray_Resize(bytes, count * (Py_ssize_t)size) == 0;
    char *at = done ? PyByteArray_AS_STRING(bytes) : NULL;
    for (Py_ssize_t i = 0; done && i < count; i++) {
        done = convert(made, PyTuple_GET_ITEM(all, i), at + (size_t)i * size);
    }
    Py_DECREF(all);
    if (!done) {
        Py_XDECREF(bytes);
        return false;
    }
    *items = at;
    if (!od_py_keep(made, bytes)) {
        return false;
    }
    *len = (size_t)count;
    return true;
}

static bool od_py_id_in(void *made, PyObject *item, void *out)
{
    (void)made;
    long long id = PyLong_AsLongLong(item);
    *(int64_t *)out = id;
    return id != -1 || !PyErr_Occurred();
}

/* A text such as "mon-fri 9:00-17:30", or its fields. */
static bool od_py_window_in(void *made, PyObject *item, void *out)
{
    (void)made;
    PyObject *given = NULL;
    if (PyUnicode_Check(item)) {
        const char *text = od_py_text(item, "windows", &given);
        od_err err = text == NULL ? OD_OK : od_window_parse(text, out);
        if (err != OD_OK) {
            od_py_raise(err, text);
        }
        Py_XDECREF(given);
        return text != NULL && err == OD_OK;
    }
    const od_window *window =
        od_py_needed(item, "od_window", SWIGTYPE_p_od_window, &given);
    if (window != NULL) {
        *(od_window *)out = *window;
    }
    Py_XDECREF(given);
    return window != NULL;
}

static bool od_py_field_text(void *made, PyObject *value, const char **out)
{
    PyObject *keep = NULL;
    const char *text = od_py_text(value, "fields", &keep);
    bool done = !PyErr_Occurred() && od_py_keep_text(made, text, out);
    Py_XDECREF(keep);
    return done;
}

/* A pair of name and value, as the items of a dict are. */
static bool od_py_field_in(void *made, PyObject *item, void *out)
{
    od_field *field = out;
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
        PyErr_SetString(PyExc_TypeError,
                        "fields: a dict or pairs of texts are needed");
        return false;
    }
    return od_py_field_text(made, PyTuple_GET_ITEM(item, 0), &field->name) &&
           od_py_field_text(made, PyTuple_GET_ITEM(item, 1), &field->value);
}

/* The path of a file; `made` keeps it. */
static bool od_py_path_in(void *made, PyObject *item, void *out)
{
    PyObject *keep = NULL;
    const char *text = od_py_text(item, "paths", &keep);
    bool done = text != NULL && od_py_keep_text(made, text, out);
    Py_XDECREF(keep);
    if (!done && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_TypeError, "paths: a path is needed, not None");
    }
    return done;
}

/* A copy, whose texts are kept alive with the struct it was made from. */
static bool od_py_range_in(void *made, PyObject *item, void *out)
{
    PyObject *given = NULL;
    const od_sim_range *range =
        od_py_needed(item, "od_sim_range", SWIGTYPE_p_od_sim_range, &given);
    if (range == NULL) {
        Py_XDECREF(given);
        return false;
    }
    *(od_sim_range *)out = *range;
    return od_py_keep(made, given);
}

/* Bytes that fill an array; None is zeroes. */
static bool od_py_hash_in(PyObject *value, const char *name, uint8_t *out,
                          size_t size)
{
    PyObject *keep = NULL;
    size_t len = 0;
    const char *bytes = od_py_bytes(value, &keep, &len);
    bool done = !PyErr_Occurred() && (value == Py_None || len == size);
    memset(out, 0, size);
    if (done && bytes != NULL) {
        memcpy(out, bytes, size);
    }
    Py_XDECREF(keep);
    if (!done && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ValueError, "%s: %zu bytes are needed", name, size);
    }
    return done;
}

static bool od_py_retry_in(PyObject *pair, od_retry *all)
{
    PyObject *given = NULL;
    long at = PyLong_AsLong(PyTuple_GET_ITEM(pair, 0));
    if (at < 0 || at >= OD_RETRIES) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError,
                            "retries: a key is no disposition");
        }
        return false;
    }
    const od_retry *retry = od_py_needed(PyTuple_GET_ITEM(pair, 1), "od_retry",
                                         SWIGTYPE_p_od_retry, &given);
    if (retry != NULL) {
        all[at] = *retry;
    }
    Py_XDECREF(given);
    return retry != NULL;
}

/* A dict of dispositions; those that are not in it are zero. */
static bool od_py_retries_in(PyObject *value, od_retry *out)
{
    od_retry all[OD_RETRIES];
    PyObject *items = NULL;
    memset(all, 0, sizeof all);
    if (value != Py_None && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError,
                        "retries: a dict by disposition is needed");
        return false;
    }
    if (value != Py_None && (items = PyDict_Items(value)) == NULL) {
        return false;
    }
    bool done = true;
    Py_ssize_t len = items != NULL ? PyList_GET_SIZE(items) : 0;
    for (Py_ssize_t i = 0; done && i < len; i++) {
        done = od_py_retry_in(PyList_GET_ITEM(items, i), all);
    }
    Py_XDECREF(items);
    if (done) {
        memcpy(out, all, sizeof all);
    }
    return done;
}

static bool od_py_sip_trunk_in(void *made, PyObject *item, void *out)
{
    PyObject *given = NULL;
    const od_sip_trunk *trunk =
        od_py_needed(item, "od_sip_trunk", SWIGTYPE_p_od_sip_trunk, &given);
    if (trunk == NULL) {
        Py_XDECREF(given);
        return false;
    }
    *(const od_sip_trunk **)out = trunk;
    return od_py_keep(made, given);
}

static bool od_py_smpp_trunk_in(void *made, PyObject *item, void *out)
{
    PyObject *given = NULL;
    const od_smpp_trunk *trunk =
        od_py_needed(item, "od_smpp_trunk", SWIGTYPE_p_od_smpp_trunk, &given);
    if (trunk == NULL) {
        Py_XDECREF(given);
        return false;
    }
    *(const od_smpp_trunk **)out = trunk;
    return od_py_keep(made, given);
}

#endif

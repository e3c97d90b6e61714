/*
 * convert.h - the C behind python.i: texts, structs and objects from and to
 * Python.
 *
 * Included once, by the module that SWIG makes, after SWIG's own runtime. All
 * of it runs with the interpreter lock held.
 *
 * Objects (engine, storage, transport) are capsules that own what they point
 * to. A capsule whose object was freed, or handed to an engine, is renamed and
 * points to nothing that may be used. A capsule with a context is within a
 * call: whoever else comes, be it another thread or code that the call itself
 * runs, is refused. Only od_engine_wake() passes.
 *
 * A struct that goes in is made by od_py_struct_new(). In front of it stands
 * a list of Python objects, the memory that its pointers point to:
 *
 *     +------+----------------------+
 *     | keep | od_campaign_options  |     keep: [b"name", b"ids", ...]
 *     +------+----------------------+
 *            ^ what SWIG knows of
 *
 * No struct that comes out of the library is ever given to those functions:
 * it is turned into a Record, by the package, before its call returns.
 */
#ifndef OUTDIAL_PYTHON_CONVERT_H
#define OUTDIAL_PYTHON_CONVERT_H

#include <outdial/outdial.h>

#include <stdlib.h>

typedef uint8_t od_py_hash[32];

/* -- the package ---------------------------------------------------------------- */

static PyObject *od_py_str(const char *text)
{
    if (text == NULL) {
        return Py_NewRef(Py_None);
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text),
                                "surrogateescape");
}

/* A function or class of the package; NULL with an exception set. */
static PyObject *od_py_hook(const char *name)
{
    PyObject *package = PyImport_ImportModule("outdial");
    if (package == NULL) {
        return NULL;
    }
    PyObject *hook = PyObject_GetAttrString(package, name);
    Py_DECREF(package);
    return hook;
}

static void od_py_raise(od_err err, const char *text)
{
    PyObject *type = od_py_hook("OutdialError");
    PyObject *error = type == NULL ? NULL
                                   : PyObject_CallFunction(
                                         type, "iN", (int)err, od_py_str(text));
    if (error != NULL) {
        PyErr_SetObject(type, error);
    }
    Py_XDECREF(error);
    Py_XDECREF(type);
}

/* -- objects ---------------------------------------------------------------------- */

/* Where constructors say what went wrong; emptied once it was told. */
static od_errmsg od_py_errmsg;

static const char od_py_gone_name[] = "outdial: gone";

/* An argument of the call, borrowed; `args` is a tuple, or the only one. */
static PyObject *od_py_argument(PyObject *args, Py_ssize_t i)
{
    if (args != NULL && PyTuple_Check(args)) {
        return i < PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, i) : NULL;
    }
    return i == 0 ? args : NULL;
}

/*
 * The object of a capsule; NULL for None and, with an exception set, for what
 * is none. *entered is the capsule if it is in use until od_py_leave().
 */
static void *od_py_enter(PyObject *capsule, const char *type,
                         const char *function, PyObject **entered)
{
    if (capsule == Py_None) {
        return NULL;
    }
    const char *name =
        PyCapsule_CheckExact(capsule) ? PyCapsule_GetName(capsule) : NULL;
    if (name == od_py_gone_name) {
        od_py_raise(OD_ERR_STATE, "it is closed, or belongs to an engine");
        return NULL;
    }
    if (name == NULL || strcmp(name, type) != 0) {
        PyErr_Format(PyExc_TypeError, "%s: an %s is needed, not %.80s",
                     function, type, Py_TYPE(capsule)->tp_name);
        return NULL;
    }
    if (strcmp(function, "od_engine_wake") != 0) {
        if (PyCapsule_GetContext(capsule) != NULL) {
            od_py_raise(OD_ERR_STATE, "it is in use by another call");
            return NULL;
        }
        PyCapsule_SetContext(capsule, capsule);
        *entered = capsule;
    }
    return PyCapsule_GetPointer(capsule, type);
}

static void od_py_leave(PyObject *entered)
{
    if (entered != NULL) {
        PyCapsule_SetContext(entered, NULL);
    }
}

/* The object was freed or given away. */
static void od_py_gone(PyObject *value)
{
    if (value != NULL && PyCapsule_CheckExact(value)) {
        PyCapsule_SetDestructor(value, NULL);
        PyCapsule_SetName(value, od_py_gone_name);
    }
}

/* Raise what the engine of this call, or a constructor, says of a failure. */
static void od_py_fail(od_err err, PyObject *args)
{
    PyObject *first = od_py_argument(args, 0);
    if (first != NULL && PyCapsule_IsValid(first, "od_engine")) {
        od_py_raise(err, od_engine_errmsg(
                             PyCapsule_GetPointer(first, "od_engine")));
    } else {
        od_py_raise(err, od_py_errmsg.text);
        od_py_errmsg.text[0] = '\0';
    }
}

/* -- values that come out --------------------------------------------------------- */

/* Add a result, whose reference is taken, to those there are. */
static bool od_py_add(PyObject **result, PyObject *value)
{
    PyObject *before = *result;
    if (value != NULL && before != Py_None) {
        *result = PyTuple_Pack(2, before, value);
        Py_DECREF(value);
    } else {
        *result = value;
    }
    Py_DECREF(before);
    return *result != NULL;
}

/* A struct as a Record: a copy, texts and all. */
static PyObject *od_py_record(void *row, swig_type_info *type)
{
    PyObject *hook = od_py_hook("_record");
    PyObject *proxy = hook == NULL ? NULL : SWIG_NewPointerObj(row, type, 0);
    PyObject *record =
        proxy == NULL ? NULL : PyObject_CallOneArg(hook, proxy);
    Py_XDECREF(proxy);
    Py_XDECREF(hook);
    return record;
}

static PyObject *od_py_records(void *rows, size_t len, size_t size,
                               swig_type_info *type)
{
    PyObject *list = PyList_New((Py_ssize_t)len);
    for (size_t i = 0; list != NULL && i < len; i++) {
        PyObject *record = od_py_record((char *)rows + i * size, type);
        if (record == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, (Py_ssize_t)i, record);
        }
    }
    return list;
}

/* An item of an array that comes out. */
typedef PyObject *(*od_py_item_out)(const void *item);

static PyObject *od_py_list(const void *items, size_t len, size_t size,
                            od_py_item_out convert)
{
    PyObject *list = PyList_New((Py_ssize_t)len);
    for (size_t i = 0; list != NULL && i < len; i++) {
        PyObject *item = convert((const char *)items + i * size);
        if (item == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, (Py_ssize_t)i, item);
        }
    }
    return list;
}

static PyObject *od_py_id_out(const void *item)
{
    return PyLong_FromLongLong(*(const int64_t *)item);
}

static PyObject *od_py_window_out(const void *item)
{
    return od_py_record((void *)item, SWIGTYPE_p_od_window);
}

static PyObject *od_py_field_out(const void *item)
{
    const od_field *field = item;
    return Py_BuildValue("(NN)", od_py_str(field->name),
                         od_py_str(field->value));
}

static PyObject *od_py_trunk_out(const void *item)
{
    const od_sip_trunk *const *trunk = item;
    return od_py_record((void *)*trunk, SWIGTYPE_p_od_sip_trunk);
}

/* -- values that go in ------------------------------------------------------------- */

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
    PyObject *list = value == Py_None ? PyList_New(0)
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
        done = convert(made, PyTuple_GET_ITEM(all, i),
                       at + (size_t)i * size);
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

static bool od_py_trunk_in(void *made, PyObject *item, void *out)
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

#endif

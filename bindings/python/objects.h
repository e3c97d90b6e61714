/*
 * objects.h - failures, and the objects that Python holds: engine, storage,
 * transport.
 *
 * Included once, by the module that SWIG makes; the lock of the interpreter is
 * held wherever Python is touched.
 *
 * An object is a capsule that owns what it points to. A capsule whose object
 * was freed, or handed to an engine, is renamed and points to nothing that may
 * be used. A capsule with a context is within a call: whoever else comes, be
 * it another thread or code that the call itself runs, is refused. Only
 * od_engine_wake() passes.
 */
#ifndef OUTDIAL_PYTHON_OBJECTS_H
#define OUTDIAL_PYTHON_OBJECTS_H

#include <outdial/outdial.h>

/* -- the package ---------------------------------------------------------- */

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

/* Raise an OutdialError. The text is taken before any Python code may run. */
static void od_py_raise(od_err err, const char *text)
{
    PyObject *said = od_py_str(text);
    PyObject *type = said == NULL ? NULL : od_py_hook("OutdialError");
    PyObject *error =
        type == NULL ? NULL : PyObject_CallFunction(type, "iO", (int)err, said);
    if (error != NULL) {
        PyErr_SetObject(type, error);
    }
    Py_XDECREF(error);
    Py_XDECREF(type);
    Py_XDECREF(said);
}

/* -- objects -------------------------------------------------------------- */

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

/* The transports of a sequence; false with an exception set. */
static bool od_py_transports_in(PyObject *sequence, const char *function,
                                od_transport *list[OD_TRANSPORTS_MAX],
                                size_t *len)
{
    Py_ssize_t count = PySequence_Check(sequence) ? PySequence_Size(sequence)
                                                  : -1;
    PyErr_Clear();
    if (count < 0 || count > OD_TRANSPORTS_MAX) {
        PyErr_Format(PyExc_TypeError, "%s: a list of 1 to %d transports is "
                     "needed", function, OD_TRANSPORTS_MAX);
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *entered = NULL;
        PyObject *item = PySequence_GetItem(sequence, i);
        list[i] = item == NULL
                      ? NULL
                      : od_py_enter(item, "od_transport", function, &entered);
        od_py_leave(entered);
        Py_XDECREF(item);
        if (PyErr_Occurred()) {
            return false;
        }
    }
    *len = (size_t)count;
    return true;
}

static void od_py_transports_gone(PyObject *sequence)
{
    for (Py_ssize_t i = 0; i < PySequence_Size(sequence); i++) {
        PyObject *item = PySequence_GetItem(sequence, i);
        od_py_gone(item);
        Py_XDECREF(item);
    }
}

/* Raise what the engine of this call, or a constructor, says of a failure. */
static void od_py_fail(od_err err, PyObject *args)
{
    PyObject *first = od_py_argument(args, 0);
    if (first != NULL && PyCapsule_IsValid(first, "od_engine")) {
        od_py_raise(err,
                    od_engine_errmsg(PyCapsule_GetPointer(first, "od_engine")));
    } else {
        od_py_raise(err, od_py_errmsg.text);
        od_py_errmsg.text[0] = '\0';
    }
}

#endif

/*
 * results.h - what comes out of the library, as Python objects.
 *
 * Included once, by the module that SWIG makes, after SWIG's own runtime.
 * Everything is copied: a struct becomes a Record of the package before the
 * call that filled it returns, so that nothing in Python points into the
 * library.
 */
#ifndef OUTDIAL_PYTHON_RESULTS_H
#define OUTDIAL_PYTHON_RESULTS_H

#include "python/objects.h"

typedef uint8_t od_py_hash[32];

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
    PyObject *record = proxy == NULL ? NULL : PyObject_CallOneArg(hook, proxy);
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

static PyObject *od_py_int_out(const void *item)
{
    return PyLong_FromLong(*(const int32_t *)item);
}

static PyObject *od_py_path_out(const void *item)
{
    return od_py_str(*(const char *const *)item);
}

static PyObject *od_py_retry_out(const void *item)
{
    return od_py_record((void *)item, SWIGTYPE_p_od_retry);
}

static PyObject *od_py_range_out(const void *item)
{
    return od_py_record((void *)item, SWIGTYPE_p_od_sim_range);
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

static PyObject *od_py_sip_trunk_out(const void *item)
{
    const od_sip_trunk *const *trunk = item;
    return od_py_record((void *)*trunk, SWIGTYPE_p_od_sip_trunk);
}

static PyObject *od_py_smpp_trunk_out(const void *item)
{
    const od_smpp_trunk *const *trunk = item;
    return od_py_record((void *)*trunk, SWIGTYPE_p_od_smpp_trunk);
}

#endif

/*
 * python.i - how the patterns of the C interface pass to and from Python.
 *
 * One typemap for each pattern; their C is in the headers beside this file.
 * Whatever comes out is copied before the call returns, so nothing in Python
 * points into the library. Texts go in as str, bytes or a path. Wrong types
 * are TypeError, a NUL within a text is ValueError, a number that does not fit
 * OverflowError: all before the library is called. What the library refuses is
 * OutdialError.
 */
%{
#include "python/objects.h"
#include "python/results.h"
#include "python/structs.h"
%}

%feature("python:annotations", "c");
%pythonnondynamic;
%nodefaultctor;
%nodefaultdtor;
%warnfilter(314) import; /* as an attribute, "import" is "_import" */
%warnfilter(314) from;

/* -- failures ------------------------------------------------------------- */

%typemap(out) od_err {
    if ($1 != OD_OK) {
        od_py_fail($1, args);
        SWIG_fail;
    }
    $result = Py_NewRef(Py_None);
}

/* Constructors say why; no engine is there yet to ask. */
%typemap(in, numinputs=0) od_errmsg *errmsg {
    od_py_errmsg.text[0] = '\0';
    $1 = &od_py_errmsg;
}

/* -- texts and bytes ------------------------------------------------------ */

%typemap(in) const char * (PyObject *text = NULL) {
    $1 = ($1_ltype)od_py_text($input, "$1_name", &text);
    if (PyErr_Occurred()) {
        SWIG_fail;
    }
}
%typemap(freearg) const char * {
    Py_XDECREF(text$argnum);
}
/* A text in a struct: the struct keeps a copy. */
%typemap(memberin) const char * {
    if (!od_py_keep_text(arg1, $input, &$1)) {
        SWIG_fail;
    }
}

%typemap(in) (const char *text, size_t text_len)(PyObject *keep = NULL),
             (const void *bytes, size_t bytes_len)(PyObject *keep = NULL) {
    $1 = ($1_ltype)od_py_bytes($input, &keep, &$2);
    if (PyErr_Occurred()) {
        SWIG_fail;
    }
}
%typemap(freearg) (const char *text, size_t text_len),
                  (const void *bytes, size_t bytes_len) {
    Py_XDECREF(keep$argnum);
}

%typemap(in, numinputs=0) (char *out, size_t out_size) (char text[512]) {
    text[0] = '\0';
    $1 = text;
    $2 = sizeof text;
}
%typemap(argout) (char *out, size_t out_size) {
    if (!od_py_add(&$result, od_py_str($1))) {
        SWIG_fail;
    }
}

/* -- plain results -------------------------------------------------------- */

%define OD_RESULT(PATTERN, TYPE, CONVERT)
%typemap(in, numinputs=0) PATTERN (TYPE value) {
    memset(&value, 0, sizeof value);
    $1 = ($1_ltype)&value;
}
%typemap(argout) PATTERN {
    if (!od_py_add(&$result, CONVERT)) {
        SWIG_fail;
    }
}
%enddef

OD_RESULT(od_id *out, int64_t, PyLong_FromLongLong(*$1))
OD_RESULT(int64_t *rows, int64_t, PyLong_FromLongLong(*$1))
OD_RESULT(bool *out, bool, PyBool_FromLong(*$1))
OD_RESULT(const char **out, const char *, od_py_str(*$1))
OD_RESULT(uint8_t *head, od_py_hash,
          PyBytes_FromStringAndSize((const char *)$1, sizeof(od_py_hash)))
OD_RESULT(uint8_t out[32], od_py_hash,
          PyBytes_FromStringAndSize((const char *)$1, sizeof(od_py_hash)))

%typemap(in) uint8_t [ANY] (uint8_t value[$1_dim0]) {
    if (!od_py_hash_in($input, "$1_name", value, sizeof value)) {
        SWIG_fail;
    }
    $1 = value;
}
%typemap(memberin) uint8_t [ANY] {
    memcpy($1, $input, $1_dim0);
}
%typemap(out) uint8_t [ANY] {
    $result = PyBytes_FromStringAndSize((const char *)$1, $1_dim0);
}
%typemap(out) int64_t [ANY] {
    $result = od_py_list($1, $1_dim0, sizeof *$1, od_py_id_out);
}

/* -- objects -------------------------------------------------------------- */

%define OD_OBJECT(T)
%{
static void T##_dropped(PyObject *object)
{
    T##_free(PyCapsule_GetPointer(object, #T));
}
%}
/* Entered after all arguments were converted, left after all results were. */
%typemap(in) T *(PyObject *object = NULL, PyObject *entered = NULL),
             const T *(PyObject *object = NULL, PyObject *entered = NULL) {
    object = $input;
}
%typemap(check) T *, const T * {
    $1 = ($1_ltype)od_py_enter(object$argnum, #T, "$symname",
                               &entered$argnum);
    if (PyErr_Occurred()) {
        SWIG_fail;
    }
}
%typemap(freearg) T *, const T * {
    od_py_leave(entered$argnum);
}
%typemap(in, numinputs=0) T **out (T *made = NULL) {
    $1 = &made;
}
%typemap(argout) T **out {
    PyObject *object = PyCapsule_New(*$1, #T, T##_dropped);
    if (object == NULL) {
        T##_free(*$1);
    }
    if (!od_py_add(&$result, object)) {
        SWIG_fail;
    }
}
%exception T##_free {
    $action
    od_py_gone(od_py_argument(args, 0));
}
%enddef

/* Storage and transport belong to the engine once there is one. */
%exception od_engine_new {
    $action
    if (result == OD_OK) {
        od_py_gone(od_py_argument(args, 1));
        od_py_gone(od_py_argument(args, 2));
    }
}

/* Transports that become one: a sequence of them, each given away. */
%typemap(in) (od_transport *const *transports, size_t transports_len)
             (od_transport *list[OD_TRANSPORTS_MAX]) {
    if (!od_py_transports_in($input, "$symname", list, &$2)) {
        SWIG_fail;
    }
    $1 = list;
}
%exception od_transport_new_joined {
    $action
    if (result == OD_OK) {
        od_py_transports_gone(od_py_argument(args, 0));
    }
}

/* The only function that lets other threads run. */
%exception od_engine_wait {
    Py_BEGIN_ALLOW_THREADS
    $action
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() != 0) {
        SWIG_fail;
    }
}

/* -- structs -------------------------------------------------------------- */

%typemap(check) SWIGTYPE *self {
    if ($1 == NULL) {
        PyErr_SetString(PyExc_TypeError, "a struct is needed, not None");
        SWIG_fail;
    }
}

/* A struct goes in as a mapping of its fields; None is NULL. */
%define OD_GIVEN(T, INIT)
%extend T {
    T()
    {
        T *given = od_py_struct_new(sizeof(T));
        if (given != NULL) {
            INIT;
        }
        return given;
    }
    ~T()
    {
        od_py_struct_free($self);
    }
}
%exception T::T {
    $action
    if (result == NULL) {
        PyErr_NoMemory();
        SWIG_fail;
    }
}
%typemap(in) const T * (PyObject *given = NULL) {
    $1 = od_py_given($input, #T, $1_descriptor, &given);
    if (PyErr_Occurred()) {
        SWIG_fail;
    }
}
%typemap(freearg) const T * {
    Py_XDECREF(given$argnum);
}
%enddef

/* A struct within a struct. */
%define OD_WITHIN(T, NAME)
%typemap(in) T *NAME (PyObject *given = NULL) {
    $1 = od_py_needed($input, #T, $1_descriptor, &given);
    if ($1 == NULL) {
        SWIG_fail;
    }
}
%typemap(freearg) T *NAME {
    Py_XDECREF(given$argnum);
}
%typemap(out) T *NAME {
    $result = od_py_record($1, $1_descriptor);
}
%enddef

/* What follows each disposition: a dict by od_disposition. */
%typemap(in) od_retry retries[ANY] "$1 = ($1_ltype)$input;"
%typemap(freearg) od_retry retries[ANY] ""
%typemap(memberin) od_retry retries[ANY] {
    if (!od_py_retries_in((PyObject *)$input, $1)) {
        SWIG_fail;
    }
}
%typemap(out) od_retry retries[ANY] {
    $result = od_py_list($1, OD_DISPOSITIONS, sizeof *$1, od_py_retry_out);
}

/* Calls begun in each hour, of those hours that there are. */
%typemap(out) int32_t hours[ANY] {
    $result = od_py_list($1, (size_t)arg1->hours_len, sizeof *$1,
                         od_py_int_out);
}

/* A struct comes out as a Record; rows of it as a list of them. */
%define OD_RECORD(T)
OD_RESULT(T *out, T, od_py_record($1, $1_descriptor))
%typemap(in) (T *rows, size_t rows_max, size_t *count) (size_t count = 0) {
    $2 = PyLong_AsSize_t($input);
    if ($2 == (size_t)-1 && PyErr_Occurred()) {
        SWIG_fail;
    }
    $1 = calloc($2 > 0 ? $2 : 1, sizeof *$1);
    if ($1 == NULL) {
        PyErr_NoMemory();
        SWIG_fail;
    }
    $3 = &count;
}
%typemap(argout) (T *rows, size_t rows_max, size_t *count) {
    size_t len = *$3 < $2 ? *$3 : $2;
    if (!od_py_add(&$result, od_py_records($1, len, sizeof *$1,
                                           $1_descriptor))) {
        SWIG_fail;
    }
}
%typemap(freearg) (T *rows, size_t rows_max, size_t *count) {
    free($1);
}
%enddef

/* The next event, or None. */
OD_RECORD(od_event)
%typemap(out) bool od_engine_next_event {
    $result = Py_NewRef(Py_None);
}
%typemap(argout) od_event *out {
    if (result && !od_py_add(&$result, od_py_record($1, $1_descriptor))) {
        SWIG_fail;
    }
}

/* An array within a struct: the struct keeps a copy. */
%define OD_ARRAY(S, T, NAME, ITEM)
%typemap(in) T *NAME "$1 = ($1_ltype)$input;"
%typemap(freearg) T *NAME ""
%typemap(memberin) T *NAME {
    const void *items = NULL;
    if (!od_py_keep_array(arg1, (PyObject *)$input, sizeof(*arg1->NAME),
                          od_py_##ITEM##_in, &items, &arg1->NAME##_len)) {
        SWIG_fail;
    }
    arg1->NAME = items;
}
%typemap(out) T *NAME {
    $result = od_py_list($1, arg1->NAME##_len, sizeof(*arg1->NAME),
                         od_py_##ITEM##_out);
}
%enddef

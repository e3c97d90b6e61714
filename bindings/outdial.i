/*
 * outdial.i - what other languages see of the library; for SWIG 4.1 and later.
 *
 * What outdial.h includes is wrapped as it is, its docstrings included; the
 * headers for authors of backends are left out. Since all signatures follow
 * the same few patterns, a language says once how each pattern passes, and
 * hardly a word on single functions. It does so in its own file, by typemaps
 * and by these macros:
 *
 *     OD_OBJECT(T)               an object with a lifetime: T *, T **out
 *     OD_RECORD(T)               a struct that comes out: T *out, and rows
 *     OD_GIVEN(T, INIT)          a struct that goes in: const T *
 *     OD_ARRAY(S, T, NAME, ITEM) an array in S: T *NAME; size_t NAME_len
 *     OD_WITHIN(T, NAME)         a struct in a struct: T NAME
 *
 * Not wrapped: what a language does better (sizes, lengths, initialisers) and
 * what it must not do (allocators).
 */
%module(package="outdial", docstring="The C functions of liboutdial, as they \
are. The package on top of them is outdial.") capi

%{
#include <outdial/outdial.h>
%}

%include <stdint.i>

%ignore size;
%ignore reserved0;
%ignore reserved1;
%ignore allocator;
%ignore od_allocator;
%ignore od_errmsg;
%ignore OD_EVENT_TEXT;
%ignore OD_CAMPAIGN_STATES;
%ignore OD_DELIVERIES;
%ignore OD_CONSENT_KINDS;
%rename("$ignore", regextarget=1, %$isfunction) "^od_.*_init$";
%rename("$ignore", regextarget=1, %$isvariable, %$ismember) "_len$";

/* An instant that never comes is a number, and no expression of SWIG's. */
%ignore OD_NEVER;
%constant int64_t OD_NEVER_ = OD_NEVER;

#ifdef SWIGPYTHON
%include "python/python.i"
#endif

/* -- objects -------------------------------------------------------------- */

OD_OBJECT(od_engine)
OD_OBJECT(od_storage)
OD_OBJECT(od_transport)

/* -- structs that go in --------------------------------------------------- */

OD_GIVEN(od_now, )
OD_GIVEN(od_window, )
OD_GIVEN(od_verdict, )
OD_GIVEN(od_contact, )
OD_GIVEN(od_dnc_entry, )
OD_GIVEN(od_consent, )
OD_GIVEN(od_caller_id, )
OD_GIVEN(od_override, )
OD_GIVEN(od_retry, )
OD_GIVEN(od_guards, )
OD_GIVEN(od_ledger_head, )
OD_GIVEN(od_sim_model, )
OD_GIVEN(od_sim_text_model, )
OD_GIVEN(od_sim_range, )
OD_GIVEN(od_call_filter, od_call_filter_init(given))
OD_GIVEN(od_campaign_options, od_campaign_options_init(given))
OD_GIVEN(od_engine_options, od_engine_options_init(given))
OD_GIVEN(od_forecast_options, od_forecast_options_init(given))
OD_GIVEN(od_import_options, od_import_options_init(given))
OD_GIVEN(od_ledger_extract_options, od_ledger_extract_options_init(given))
OD_GIVEN(od_registry_build_options, od_registry_build_options_init(given))
OD_GIVEN(od_reply_filter, od_reply_filter_init(given))
OD_GIVEN(od_sim_options, od_sim_options_init(given))
OD_GIVEN(od_sip_options, od_sip_options_init(given))
OD_GIVEN(od_sip_trunk, od_sip_trunk_init(given))
OD_GIVEN(od_smpp_options, od_smpp_options_init(given))
OD_GIVEN(od_smpp_trunk, od_smpp_trunk_init(given))
OD_GIVEN(od_text_options, od_text_options_init(given))

OD_ARRAY(od_campaign_options, const od_id, groups, id)
OD_ARRAY(od_campaign_options, const od_id, prompts, id)
OD_ARRAY(od_campaign_options, const od_window, windows, window)
OD_ARRAY(od_contact, const od_field, fields, field)
OD_ARRAY(od_registry_build_options, const char *const, paths, path)
OD_ARRAY(od_sim_options, const od_sim_range, ranges, range)
OD_ARRAY(od_sip_options, const od_sip_trunk *const, trunks, sip_trunk)
OD_ARRAY(od_smpp_options, const od_smpp_trunk *const, trunks, smpp_trunk)

OD_WITHIN(od_guards, guards)
OD_WITHIN(od_sim_model, model)
OD_WITHIN(od_sim_text_model, texts)

/* -- structs that come out; od_event is the language's own ---------------- */

OD_RECORD(od_now)
OD_RECORD(od_call)
OD_RECORD(od_verdict)
OD_RECORD(od_campaign)
OD_RECORD(od_campaign_row)
OD_RECORD(od_campaign_stats)
OD_RECORD(od_problem)
OD_RECORD(od_group)
OD_RECORD(od_contact)
OD_RECORD(od_import_report)
OD_RECORD(od_dnc_entry)
OD_RECORD(od_dnc_report)
OD_RECORD(od_consent)
OD_RECORD(od_consent_report)
OD_RECORD(od_caller_id)
OD_RECORD(od_registry_info)
OD_RECORD(od_rule)
OD_RECORD(od_override)
OD_RECORD(od_check)
OD_RECORD(od_verdict_count)
OD_RECORD(od_forecast)
OD_RECORD(od_ledger_row)
OD_RECORD(od_ledger_head)
OD_RECORD(od_erasure)
OD_RECORD(od_media)
OD_RECORD(od_window)
OD_RECORD(od_survey)
OD_RECORD(od_answer)
OD_RECORD(od_result)
OD_RECORD(od_text_info)
OD_RECORD(od_template_report)
OD_RECORD(od_message)
OD_RECORD(od_reply)
OD_RECORD(od_template_field)

%include <outdial/base.h>
%include <outdial/storage.h>
%include <outdial/transport.h>
%include <outdial/call.h>
%include <outdial/event.h>
%include <outdial/engine.h>
%include <outdial/schedule.h>
%include <outdial/rules.h>
%include <outdial/contact.h>
%include <outdial/dnc.h>
%include <outdial/consent.h>
%include <outdial/registry.h>
%include <outdial/media.h>
%include <outdial/survey.h>
%include <outdial/message.h>
%include <outdial/delivery.h>
%include <outdial/campaign.h>
%include <outdial/preflight.h>
%include <outdial/explain.h>
%include <outdial/ledger.h>

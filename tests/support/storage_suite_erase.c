#include "support/storage_kit.h"
const od_kit_case kit_cases_erase[] = {{NULL, NULL}};

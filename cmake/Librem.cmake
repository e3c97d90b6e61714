# librem's archive: only its G.711 tables are pulled in, and hidden.
find_library(LIBREM_ARCHIVE NAMES librem.a REQUIRED)
find_path(LIBREM_INCLUDE_DIR rem_g711.h PATH_SUFFIXES rem REQUIRED)
find_path(LIBRE_INCLUDE_DIR re_types.h PATH_SUFFIXES re REQUIRED)
add_library(outdial_librem INTERFACE)
target_include_directories(outdial_librem SYSTEM INTERFACE
  "${LIBREM_INCLUDE_DIR}" "${LIBRE_INCLUDE_DIR}")
target_link_libraries(outdial_librem INTERFACE "${LIBREM_ARCHIVE}")

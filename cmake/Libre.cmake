# libre, inside or the system's. Its headers carry neither their version nor
# the feature macros they were built with: both are given here.
pkg_check_modules(LIBRE REQUIRED libre)
string(REPLACE "." ";" version_list "${LIBRE_VERSION}")
list(GET version_list 0 version_major)
list(GET version_list 1 version_minor)

add_library(outdial_libre INTERFACE)
target_include_directories(outdial_libre SYSTEM INTERFACE
  "${LIBRE_INCLUDE_DIR}")
target_compile_definitions(outdial_libre INTERFACE
  HAVE_STDBOOL_H HAVE_INTTYPES_H HAVE_INET6
  OD_LIBRE_MAJOR=${version_major} OD_LIBRE_MINOR=${version_minor})
if(OUTDIAL_LIBRE STREQUAL "shared")
  target_link_libraries(outdial_libre INTERFACE ${LIBRE_LINK_LIBRARIES})
  target_compile_definitions(outdial_libre INTERFACE OD_LIBRE_SHARED)
else()
  find_package(OpenSSL REQUIRED COMPONENTS SSL Crypto)
  find_package(ZLIB REQUIRED)
  find_library(LIBRE_ARCHIVE NAMES libre.a REQUIRED)
  # A target, so that what it needs stands behind it wherever it is linked.
  add_library(outdial_libre_archive STATIC IMPORTED)
  set_target_properties(outdial_libre_archive PROPERTIES
    IMPORTED_LOCATION "${LIBRE_ARCHIVE}")
  target_link_libraries(outdial_libre_archive INTERFACE
    OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
  target_link_libraries(outdial_libre INTERFACE outdial_libre_archive)
endif()

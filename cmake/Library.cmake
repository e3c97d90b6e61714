# What others link: a shared and a static library, and what find_package and
# pkg-config need to find them.
#
# Both hold all objects of src/ and, linked in, what these use of librem and
# (OUTDIAL_LIBRE=static) of libre. Neither shows a name but od_*: the shared
# one by its version script; the static one because it is a single object, made
# by ld -r, whose other names are local. A name that libre and we both define
# (we bring its timers) is an error at either link.

option(OUTDIAL_INSTALL "Install the libraries, headers and package files"
       ${PROJECT_IS_TOP_LEVEL})

# -- what is linked in, and what a user of the static library adds ------------

set(outdial_archives "${LIBREM_ARCHIVE}")
set(outdial_static_names csv sndfile samplerate)
set(outdial_static_libraries ${CSV_LIBRARY} ${SNDFILE_LINK_LIBRARIES}
    ${SAMPLERATE_LINK_LIBRARIES} ${OPENSSL_CRYPTO_LIBRARY})
set(outdial_libre_inside OFF)
if(OUTDIAL_SQLITE)
  list(APPEND outdial_static_libraries ${SQLITE3_LINK_LIBRARIES})
endif()
if(OUTDIAL_SIP AND OUTDIAL_LIBRE STREQUAL "shared")
  list(APPEND outdial_static_names re)
  list(APPEND outdial_static_libraries ${LIBRE_LINK_LIBRARIES})
elseif(OUTDIAL_SIP)
  set(outdial_libre_inside ON)
  list(PREPEND outdial_archives "${LIBRE_ARCHIVE}")
  list(APPEND outdial_static_libraries ${OPENSSL_SSL_LIBRARY}
       ${ZLIB_LIBRARIES} ${CMAKE_DL_LIBS})
endif()
if(OUTDIAL_SMPP)
  list(APPEND outdial_static_names smpp34)
  list(APPEND outdial_static_libraries ${SMPP34_LINK_LIBRARIES}
       ${OPENSSL_SSL_LIBRARY})
endif()
list(REMOVE_DUPLICATES outdial_static_libraries)

# -- the shared library -------------------------------------------------------

add_library(outdial SHARED ${objects})
add_library(outdial::outdial ALIAS outdial)
target_link_libraries(outdial PRIVATE ${outdial_private_libraries})
target_include_directories(outdial PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_options(outdial PRIVATE -Wl,-z,defs
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/src/outdial.map)
set_target_properties(outdial PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/src/outdial.map LINKER_LANGUAGE C)

# -- the static library: one object -------------------------------------------

set(outdial_object "${PROJECT_BINARY_DIR}/outdial_all.o")
add_custom_command(OUTPUT "${outdial_object}"
  COMMAND "${CMAKE_LINKER}" -r -o "${outdial_object}" ${objects}
          --start-group ${outdial_archives} --end-group
  COMMAND "${CMAKE_OBJCOPY}" --wildcard "--keep-global-symbol=od_[a-z]*"
          "${outdial_object}"
  DEPENDS ${objects} ${outdial_archives}
  COMMAND_EXPAND_LISTS VERBATIM
  COMMENT "Linking all objects into one with od_* as its only names")
set_source_files_properties("${outdial_object}" PROPERTIES
  EXTERNAL_OBJECT TRUE GENERATED TRUE)

add_library(outdial_static STATIC "${outdial_object}")
add_library(outdial::outdial_static ALIAS outdial_static)
add_dependencies(outdial_static ${parts}) # make does not see it in the objects
set_target_properties(outdial_static PROPERTIES OUTPUT_NAME outdial
  LINKER_LANGUAGE C)
target_include_directories(outdial_static PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Installed, the package file looks these up where it is used.
target_link_libraries(outdial_static INTERFACE
  "$<BUILD_INTERFACE:${outdial_static_libraries};${CMAKE_THREAD_LIBS_INIT};m>")
if(NOT OUTDIAL_INSTALL)
  set_target_properties(outdial_static PROPERTIES EXCLUDE_FROM_ALL TRUE)
  return()
endif()

# -- install ------------------------------------------------------------------

include(CMakePackageConfigHelpers)
set(outdial_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/outdial")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/outdial"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(TARGETS outdial EXPORT outdialTargets)
install(TARGETS outdial_static EXPORT outdialStaticTargets)
install(EXPORT outdialTargets NAMESPACE outdial::
        DESTINATION "${outdial_package_dir}")
install(EXPORT outdialStaticTargets NAMESPACE outdial::
        DESTINATION "${outdial_package_dir}")
string(REPLACE ";" " " outdial_static_names "${outdial_static_names}")
configure_package_config_file(cmake/outdialConfig.cmake.in outdialConfig.cmake
  INSTALL_DESTINATION "${outdial_package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(outdialConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/outdialConfig.cmake"
              "${PROJECT_BINARY_DIR}/outdialConfigVersion.cmake"
        DESTINATION "${outdial_package_dir}")

# The .pc file finds its prefix from where it lies, so it may be moved.
set(outdial_pc_dir "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH outdial_pc_prefix "${outdial_pc_dir}"
     "${CMAKE_INSTALL_PREFIX}")
file(RELATIVE_PATH outdial_pc_libdir "${CMAKE_INSTALL_PREFIX}"
     "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH outdial_pc_includedir "${CMAKE_INSTALL_PREFIX}"
     "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
# -l for what the linker finds by itself, the path of what it does not.
set(outdial_pc_libs)
foreach(library IN LISTS outdial_static_libraries)
  get_filename_component(folder "${library}" DIRECTORY)
  get_filename_component(name "${library}" NAME)
  if(NOT folder OR folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    string(REGEX REPLACE "^lib(.+)[.](so|a)$" "\\1" name "${name}")
    string(APPEND outdial_pc_libs "-l${name} ")
  else()
    string(APPEND outdial_pc_libs "${library} ")
  endif()
endforeach()
configure_file(pkgconfig/outdial.pc.in outdial.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/outdial.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}")

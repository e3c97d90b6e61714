# What is installed: the shared library and its headers.
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

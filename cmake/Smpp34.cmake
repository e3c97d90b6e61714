# libsmpp34, the system's: it is LGPL, so whoever has our library can exchange
# it. TLS is OpenSSL's.
pkg_check_modules(SMPP34 REQUIRED libsmpp34)
find_package(OpenSSL REQUIRED COMPONENTS SSL Crypto)
add_library(outdial_smpp34 INTERFACE)
target_include_directories(outdial_smpp34 SYSTEM INTERFACE
  ${SMPP34_INCLUDE_DIRS})
target_link_libraries(outdial_smpp34 INTERFACE
  ${SMPP34_LINK_LIBRARIES} OpenSSL::SSL OpenSSL::Crypto)

"""Writes protos.hpp and protos.cpp from the FileDescriptorSet protos.pb beside them (see grpc.cmake)."""
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
content = (out / "protos.pb").read_bytes()
lines = [", ".join(map(str, content[i:i + 24])) for i in range(0, len(content), 24)]
(out / "protos.hpp").write_text("""#pragma once
// Generated: what proto/ declares.
#include <string_view>
namespace stateset::embedded {
extern const std::string_view protos;  // a FileDescriptorSet
}
""")
(out / "protos.cpp").write_text("""#include "protos.hpp"
namespace stateset::embedded {
static const unsigned char bytes[] = {
""" + ",\n".join(lines) + """};
const std::string_view protos{reinterpret_cast<const char*>(bytes), sizeof bytes};
}
""")
